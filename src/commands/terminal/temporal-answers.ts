import { isGrpcServiceError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import { causesOf } from '../../domain/causes.ts';
import { TemporalUnavailableError } from '../../runs/port.ts';
import { createTemporalClient, type TemporalTarget } from '../../temporal/connection.ts';
import { UsageError } from './terminal.ts';

export const CONNECT_TIMEOUT_MS = 3_000;

export function addressOf({ connectionOptions }: TemporalTarget): string {
  return connectionOptions.address ?? 'localhost:7233';
}

/** Nobody is there: no use in asking again. */
export class UnreachableError extends TemporalUnavailableError {}

export function unreachable(target: TemporalTarget, cause: unknown): UnreachableError {
  return new UnreachableError(
    `Temporal cannot be reached at ${addressOf(target)}. Start it with \`dealseat start\`, or set TEMPORAL_ADDRESS.`,
    cause,
  );
}

/** Fails within seconds when nobody is there, instead of after all the retries of the first call. */
export async function requireTemporal(target: TemporalTarget): Promise<void> {
  const { connection } = createTemporalClient(target, { connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    await connection.ensureConnected();
  } catch (error) {
    throw refusalIn(error, target) ?? unreachable(target, error);
  } finally {
    await connection.close();
  }
}

/** `work` with Temporal, whose errors, of the native core and of gRPC, tell a person neither reason nor cure. */
export async function orExplain<T>(target: TemporalTarget, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, target);
  }
}

function explain(error: unknown, target: TemporalTarget): unknown {
  if (error instanceof Error && error.name === 'TransportError') return unreachable(target, error);
  const answer = grpcErrorIn(error);
  if (answer === null) return error;
  if (AWAY.has(answer.code)) return unreachable(target, error);
  return (
    refusalIn(error, target) ??
    new Error(`Temporal at ${addressOf(target)} failed (${answer.details})`, { cause: error })
  );
}

/** gRPC statuses of a server that does not answer: no answer in time, no connection. */
const AWAY = new Set([4, 14]);
/** Those of one that answers and refuses: bad request, no such namespace, no right, no credentials. */
const REFUSED = new Set([3, 5, 7, 16]);

/** What a person corrects before trying again; null when Temporal refused nothing. */
export function refusalIn(error: unknown, target: TemporalTarget): UsageError | null {
  const refusal = grpcErrorIn(error);
  if (refusal === null || !REFUSED.has(refusal.code)) return null;
  const isAboutOurs = Object.keys(SEARCH_ATTRIBUTES).some((name) => refusal.details.includes(name));
  const cure = isAboutOurs
    ? `Add the search attributes to namespace ${target.namespace}: \`dealseat doctor --fix\`.`
    : 'Check the TEMPORAL_* variables.';
  return new UsageError(`Temporal at ${addressOf(target)} refused (${refusal.details}). ${cure}`);
}

/** The innermost error is the server's own; what wraps it says only which call it was. */
export function grpcErrorIn(error: unknown) {
  for (const cause of causesOf(error)) if (isGrpcServiceError(cause)) return cause;
  return null;
}
