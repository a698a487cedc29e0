import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { CallEffect } from '../call.ts';
import type { SalesforceCall } from './call.ts';
import { accept, type Connection, type Page, page, queryPath } from './connection.ts';
import { failureOfAnswer, unreadable } from './failures.ts';
import { faultsOf } from './faults.ts';

/** One call of several that go to Salesforce in one request, which carries them out in their order. */
export interface Part<T> {
  readonly call: SalesforceCall;
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** After the version. `@{name.field}` stands for what an earlier part answered; without such a value it is not made. */
  readonly path: string;
  /** As it is: see `readsAsReference`. */
  readonly body?: object;
  /** Fields of the body that take what an earlier part answered, as `path` does. */
  readonly referring?: Readonly<Record<string, string>>;
  readonly answer: z.ZodType<T>;
}

/** By names of letters and digits that begin with a letter, in the order in which they are made. */
type Parts = Readonly<Record<string, Part<unknown> | undefined>>;

export type PartOutcome<T> =
  | { readonly is: 'done'; readonly answer: T }
  | { readonly is: 'failed'; readonly failure: DealseatError }
  /** It refers to something that no earlier part answered, which is no failure of its own. */
  | { readonly is: 'notMade'; readonly failure: DealseatError };

type Outcomes<P extends Parts> = {
  readonly [K in keyof P]: PartOutcome<NonNullable<P[K]> extends Part<infer T> ? T : never>;
};

const results = z.object({
  compositeResponse: z.array(
    z.object({
      referenceId: z.string(),
      httpStatusCode: z.number(),
      httpHeaders: z.record(z.string(), z.string()).nullish(),
      body: z.unknown(),
    }),
  ),
});

type Result = z.infer<typeof results>['compositeResponse'][number];

const COLLATES_SINCE = 48;

/**
 * Makes them as one call, and each has an outcome of its own: one that fails takes nothing back, and keeps only those
 * that refer to it from being made. Throws what befalls the call as a whole; then any part that writes may have happened.
 */
export async function makeTogether<P extends Parts>(
  connection: Connection,
  parts: P,
  signal?: AbortSignal,
): Promise<Outcomes<P>> {
  const named = Object.entries(parts).flatMap(([name, part]) => (part ? [{ name, part }] : []));
  const whole = wholeOf(named.map(({ part }) => part.call));
  const request = {
    allOrNone: false,
    // Otherwise writes of one kind are made in any order, as no version before did it.
    ...(Number(connection.apiVersion) >= COLLATES_SINCE && { collateSubrequests: false }),
    compositeRequest: named.map(({ name, part }) => subrequest(connection, name, part)),
  };
  const { compositeResponse } = await connection.request(
    whole,
    results,
    (jsforce) => jsforce.requestPost('/composite', request),
    signal,
  );
  const outcomes: Record<string, PartOutcome<unknown>> = {};
  for (const { name, part } of named) {
    const [result, ...others] = compositeResponse.filter(({ referenceId }) => referenceId === name);
    if (result === undefined || others.length > 0) throw unreadable(whole, `not one answer to "${name}"`);
    outcomes[name] = outcomeOf(part, result);
  }
  return outcomes as Outcomes<P>;
}

function subrequest(
  { apiVersion }: Connection,
  referenceId: string,
  { call, method, path, body, referring }: Part<unknown>,
): object {
  if (readsAsReference(body)) throw new TypeError(`${call.name}: a text of it reads as a reference`);
  const url = `/services/data/v${apiVersion}${path}`;
  return { method, url, referenceId, ...(body && { body: { ...body, ...referring } }) };
}

/** Salesforce would take the text for a reference, and knows no way to say that it is none: such a call goes alone. */
export function readsAsReference(...bodies: readonly (object | undefined)[]): boolean {
  return JSON.stringify(bodies).includes('@{');
}

function outcomeOf({ call, answer }: Part<unknown>, result: Result): PartOutcome<unknown> {
  const { httpStatusCode: status, httpHeaders, body = null } = result;
  if (status < 300) return accepted(answer, body, call);
  const bytes = Buffer.from(JSON.stringify(body));
  const faults = faultsOf(bytes);
  const isHalted = faults.length > 0 && faults.every(({ code }) => code === 'PROCESSING_HALTED');
  const headers = Object.entries(httpHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const response = { status, headers: Object.fromEntries(headers), body: bytes, tookMs: 0 };
  const failure = failureOfAnswer(response, call);
  return { is: isHalted ? 'notMade' : 'failed', failure: withoutExpiry(failure) };
}

/** The token was accepted with the call as a whole, so a new one would not help. */
function withoutExpiry(failure: DealseatError): DealseatError {
  if (failure.code !== 'crm.session_expired') return failure;
  const { message } = failure;
  return new DealseatError({ code: 'crm.unauthorized', message, mayPass: true, cause: failure });
}

function accepted(answer: z.ZodType<unknown>, body: unknown, call: SalesforceCall): PartOutcome<unknown> {
  try {
    return { is: 'done', answer: accept(answer, body, call) };
  } catch (error) {
    if (error instanceof DealseatError) return { is: 'failed', failure: error };
    throw error;
  }
}

/** As careful as the most delicate of its parts needs it. */
function wholeOf(calls: readonly SalesforceCall[]): SalesforceCall {
  const effects: readonly CallEffect[] = ['create', 'overwrite', 'read'];
  const isSecret = calls.some(({ secrets }) => secrets === 'all');
  return {
    name: calls.map(({ name }) => name).join(', then '),
    effect: effects.find((each) => calls.some(({ effect }) => effect === each)) ?? 'read',
    object: calls[0]?.object ?? 'composite',
    secrets: isSecret ? 'all' : calls.flatMap(({ secrets = [] }) => secrets),
  };
}

/** What a part answered. Throws its failure: ask first for those that it refers to. */
export function answerOf<T>(outcome: PartOutcome<T>): T {
  if (outcome.is !== 'done') throw outcome.failure;
  return outcome.answer;
}

export function queryPart(
  soql: string,
  call: SalesforceCall,
  resource?: Parameters<typeof queryPath>[1],
): Part<Page> {
  return { call, method: 'GET', path: queryPath(soql, resource), answer: page };
}

/** What a write answers that has nothing to say. */
export const nothing = z.null();
