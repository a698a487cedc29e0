import { z } from 'zod';
import { DealseatError, isFailureCode } from '../domain/failure.ts';
import type { PageOptions, SeatDesk } from './desk.ts';
import { isSeatRequestFault, SeatRequestError } from './seat-request-error.ts';
import {
  erasureView,
  findingsView,
  foundView,
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
    findings: ({ deal, ...page }: { readonly deal?: { crm: string; dealId: string } } & PageOptions = {}) =>
      ask(findingsView, address('/api/seats/findings', { crm: deal?.crm, dealId: deal?.dealId, ...page })),
    person: (email) => ask(personView, '/api/people/export', { method: 'POST', body: { email } }),
    erase: (erasure) => ask(erasureView, '/api/people/erase', { method: 'POST', body: erasure }),
    rotateKeys: () => ask(rotationView, '/api/keys/rotate', { method: 'POST', body: {} }),
  };

  async function ask<T>(
    view: z.ZodType<T>,
    path: string,
    { method = 'GET', body }: { readonly method?: string; readonly body?: unknown } = {},
  ): Promise<T> {
    const response = await send(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusalOf(response.status, answer);
    const parsed = view.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new Error(
      `The running service at ${url} answered ${path.split('?')[0]} in another form than this version of Dealseat expects. Restart the service with the same version as the command`,
    );
  }

  async function send(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(`${url}${path}`, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw new Error(
        `The running service at ${url} has the embedded database of seats open and does not answer. Look at its log, or stop it and ask again`,
        { cause: error },
      );
    }
  }
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
  if (isSeatRequestFault(code)) return new SeatRequestError(code, message);
  if (isFailureCode(code)) return new DealseatError({ code, message });
  return new Error(`The running service refused (${code}): ${message}`);
}

function address(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
