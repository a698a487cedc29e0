import { z } from 'zod';
import { DealseatError, isFailureCode } from '../domain/failure.ts';
import { OperationsRefused, type Refusal } from '../store/operations-refused.ts';
import { bodyOf } from './ask-body.ts';
import type { PageOptions, SeatDesk, SeatExport, SeatExportOptions } from './desk.ts';
import { isSeatRequestFault, SeatRequestError } from './seat-request-error.ts';
import {
  erasureView,
  findingsView,
  foundView,
  linkView,
  operationPageView,
  operationsView,
  operationView,
  personView,
  rotationView,
  seatHistoryView,
  seatPageView,
} from './views.ts';

export interface HttpDeskOptions {
  /** Of the running service, without a path. */
  readonly url: string;
  readonly token: string;
  /** A whole answer takes no longer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/** The desk of a running service, which alone may open the embedded database. What was asked stands in no address. */
export function createHttpDesk({ url, token, timeoutMs = TIMEOUT_MS }: HttpDeskOptions): SeatDesk {
  return {
    seatsOf: ({ crm, dealId }, { states, productKey, ...page } = {}) =>
      ask(
        seatPageView,
        address('/api/seats', { crm, dealId, state: states?.join(), product: productKey, ...page }),
      ),
    find: (query) => ask(foundView, '/api/seats/find', { method: 'POST', body: query }),
    history: (seatId) => ask(seatHistoryView, `/api/seats/${encodeURIComponent(seatId)}`),
    ask: (request) =>
      ask(operationView, '/api/seat-operations', {
        method: 'POST',
        body: bodyOf(request),
        key: request.id,
      }),
    askMany: ({ id: key, asks }) =>
      ask(operationsView, '/api/seat-operations/batch', {
        method: 'POST',
        body: { operations: asks.map(bodyOf) },
        key,
      }),
    operation: (id) => ask(operationView, `/api/seat-operations/${encodeURIComponent(id)}`),
    operations: ({ isWaiting, ...page } = {}) =>
      ask(
        operationPageView,
        address('/api/seat-operations', { waiting: isWaiting ? 'true' : undefined, ...page }),
      ),
    retryOperation: (id) =>
      ask(operationView, `/api/seat-operations/${encodeURIComponent(id)}/retry`, {
        method: 'POST',
        body: {},
      }),
    showLink: ({ id: key, seatId, reason, actor }) =>
      ask(linkView, `/api/seats/${encodeURIComponent(seatId)}/link`, {
        method: 'POST',
        body: { reason, onBehalfOf: actor.name ?? undefined },
        key,
      }),
    settleLate: ({ id: key, seatId, decision, reason, actor }) =>
      ask(seatHistoryView, `/api/seats/${encodeURIComponent(seatId)}/late-redemption`, {
        method: 'POST',
        body: { decision, reason, onBehalfOf: actor.name ?? undefined },
        key,
      }),
    exportSeats: ({ crm, dealId }, options = {}) => exportSeats({ crm, dealId }, options),
    findings: ({ deal, ...page }: { readonly deal?: { crm: string; dealId: string } } & PageOptions = {}) =>
      ask(findingsView, address('/api/seats/findings', { crm: deal?.crm, dealId: deal?.dealId, ...page })),
    closeFindings: ({ id: key, deal: { crm, dealId }, reason, actor }) =>
      ask(findingsView, '/api/seats/findings/close', {
        method: 'POST',
        body: { crm, dealId, reason, onBehalfOf: actor.name ?? undefined },
        key,
      }),
    person: (email) => ask(personView, '/api/people/export', { method: 'POST', body: { email } }),
    erase: ({ id: key, ...body }) => ask(erasureView, '/api/people/erase', { method: 'POST', body, key }),
    rotateKeys: ({ id: key }) => ask(rotationView, '/api/keys/rotate', { method: 'POST', body: {}, key }),
  };

  async function ask<T>(view: z.ZodType<T>, path: string, request: Request = {}): Promise<T> {
    const response = await send(path, request);
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusalOf(response.status, answer);
    const parsed = view.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new Error(
      `The running service at ${url} answered ${path.split('?')[0]} in another form than this version of Dealseat expects. Restart the service with the same version as the command`,
    );
  }

  async function exportSeats(
    deal: { readonly crm: string; readonly dealId: string },
    { states, productKey: product, codes }: SeatExportOptions,
  ): Promise<SeatExport> {
    const asked = { ...deal, state: states?.join(), product };
    const response = await (codes === undefined
      ? send(address('/api/seats/export', asked))
      : send('/api/seats/export', {
          method: 'POST',
          body: { ...asked, reason: codes.reason, onBehalfOf: codes.actor.name ?? undefined },
          key: codes.id,
        }));
    if (!response.ok) throw refusalOf(response.status, await response.json().catch(() => null));
    const count = (name: string) => Number(response.headers.get(name) ?? 0);
    return {
      // As bytes: the text reader of `fetch` would drop the mark at the beginning that Excel needs.
      csv: Buffer.from(await response.arrayBuffer()).toString('utf8'),
      seatCount: count('x-seat-count'),
      codeCount: count('x-code-count'),
      exposedCount: count('x-exposed-count'),
    };
  }

  async function send(path: string, { method = 'GET', body, key }: Request = {}): Promise<Response> {
    try {
      return await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new Error(
        `The running service at ${url} has the embedded database of seats open and does not answer. Look at its log, or stop it and ask again`,
        { cause: error },
      );
    }
  }
}

interface Request {
  readonly method?: string;
  readonly body?: unknown;
  /** The idempotency key. */
  readonly key?: string;
}

const problem = z.object({
  title: z.string(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

/** The failure that the service met, as if it had been met here. */
function refusalOf(status: number, answer: unknown): Error {
  const parsed = problem.safeParse(answer);
  if (!parsed.success) return new Error(`The running service answered ${status} without a reason`);
  const { title, code, detail = title, errors = [] } = parsed.data;
  const message = [detail, ...errors.map(({ field, message: fault }) => `${field}: ${fault}`)].join('; ');
  const refusals = errors.flatMap(({ field, message: fault }) => refusalIn(field, fault));
  const [first, ...others] = refusals;
  if (first !== undefined) return new OperationsRefused([first, ...others]);
  if (isSeatRequestFault(code)) return new SeatRequestError(code, message);
  if (isFailureCode(code)) return new DealseatError({ code, message });
  return new Error(`The running service refused (${code}): ${message}`);
}

/** Of a row, as the server names it. */
function refusalIn(field: string, message: string): Refusal[] {
  const [, row] = /^operations\.(\d+)$/.exec(field) ?? [];
  const [, code = '', text = ''] = /^([\w.]+): (.*)$/s.exec(message) ?? [];
  return row !== undefined && isFailureCode(code) ? [{ index: Number(row), code, message: text }] : [];
}

function address(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
