import { randomUUID } from 'node:crypto';

/** Where the running Dealseat answers questions about seats, and the key that opens it. */
export interface SeatServiceAddress {
  readonly url: string;
  readonly key: string;
}

/** A deal by the name of its CRM and its id there. */
export interface DealOnPage {
  readonly crm: string;
  readonly dealId: string;
}

/** The part of `GET /openapi.json` that the page shows. */
export interface SeatOnPage {
  readonly id: string;
  readonly version: number;
  readonly productTitle: string;
  readonly state: string;
  readonly stateText: string;
  readonly holder: { readonly email: string | null; readonly name: string | null } | null;
  readonly groupLabel: string | null;
  readonly codeState: string | null;
  readonly redeemedAt: string | null;
  readonly redeemedBy: string | null;
  readonly usedByOther: boolean;
  readonly accessUntil: string | null;
}

export interface SeatCountsOnPage {
  readonly sold: number;
  readonly used: number;
  readonly reserved: number;
  readonly free: number;
}

export interface FindingOnPage {
  readonly id: number;
  readonly kind: string;
  readonly text: string;
  readonly cure: string;
  readonly seatId: string | null;
}

export interface OperationOnPage {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly isOver: boolean;
  readonly text: string | null;
}

/** What is to be done to a seat, as the service takes it. */
export type SeatAct =
  | { readonly kind: 'revoke' }
  | { readonly kind: 'reassign'; readonly to: { readonly email: string } }
  | { readonly kind: 'extend' | 'shorten'; readonly until: string };

/** The service answered with a refusal; `code` is that of its problem. */
export class SeatServiceRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MS = 5_000;
const SHOWN = 200;
/** Who asks, for the record. */
const ASKED_BY = 'a person at the page of the sandbox';

/** The HTTP interface of the product, as any program of a customer uses it. Throws `SeatServiceRefusal`, or what `fetch` throws. */
export class SeatService {
  readonly #address: () => SeatServiceAddress;

  constructor(address: () => SeatServiceAddress) {
    this.#address = address;
  }

  async seatsOf(deal: DealOnPage) {
    type Page = {
      readonly order: { readonly counts: SeatCountsOnPage };
      readonly seats: readonly SeatOnPage[];
      readonly next: string | null;
    };
    const query = new URLSearchParams({ ...deal, limit: String(SHOWN) });
    const [live, ended, { findings }] = await Promise.all([
      this.#ask<Page>(`/api/seats?${query}`),
      this.#ask<Page>(`/api/seats?${query}&state=ended`),
      this.#ask<{ readonly findings: readonly FindingOnPage[] }>(
        `/api/seats/findings?${new URLSearchParams({ ...deal })}`,
      ),
    ]);
    const { counts } = live.order;
    return { counts, seats: live.seats, ended: ended.seats, findings, hasMore: live.next !== null };
  }

  operation(id: string): Promise<OperationOnPage> {
    return this.#ask(`/api/seat-operations/${encodeURIComponent(id)}`);
  }

  act(
    seat: { readonly id: string; readonly version: number },
    act: SeatAct,
    reason: string,
  ): Promise<OperationOnPage> {
    const { id: seatId, version } = seat;
    const body = { ...act, seatId, version, reason, onBehalfOf: ASKED_BY };
    return this.#ask('/api/seat-operations', body, { 'idempotency-key': randomUUID() });
  }

  async settleLate(seatId: string, decision: string, reason: string): Promise<void> {
    const path = `/api/seats/${encodeURIComponent(seatId)}/late-redemption`;
    const key = { 'idempotency-key': randomUUID() };
    await this.#ask(path, { decision, reason, onBehalfOf: ASKED_BY }, key);
  }

  /** Whether the code is, or was, that of the seat. */
  async isCodeOf(seatId: string, code: string): Promise<boolean> {
    const found = await this.#ask<{ readonly seats: readonly SeatOnPage[] }>('/api/seats/find', {
      text: code,
      by: 'code',
    });
    return found.seats.some(({ id }) => id === seatId);
  }

  async #ask<T>(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const { url, key } = this.#address();
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await response.json()) as unknown;
    if (response.ok) return answer as T;
    throw refusalOf(response.status, answer);
  }
}

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

function refusalOf(status: number, answer: unknown): SeatServiceRefusal {
  const { code = '', title = `status ${status}`, detail = title, errors = [] } = answer as Problem;
  const faults = errors.map(({ field, message }) => `${field}: ${message}`);
  return new SeatServiceRefusal(code, [detail, ...faults].join(' '));
}
