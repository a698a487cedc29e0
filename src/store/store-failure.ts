import { isNativeError } from 'node:util/types';
import { DealseatError, type FailureCode } from '../domain/failure.ts';
import { StatementError } from './statement-error.ts';

const SQL_STATE = /^[0-9A-Z]{5}$/;

/** By SQLSTATE, the longest beginning first. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const BY_STATE: readonly (readonly [beginning: string, code: FailureCode, what: string])[] = [
  ['28P01', 'store.unauthorized', 'refused the user or the password'],
  ['28', 'store.unauthorized', 'refused the user, or the way in which it connects'],
  ['3D000', 'store.unauthorized', 'does not have the database'],
  ['42501', 'store.unauthorized', 'does not give the user the right to do that'],
  ['25006', 'store.unavailable', 'accepts no changes now, as a standby does'],
  ['40001', 'store.unavailable', 'let another change go first, several times'],
  ['40P01', 'store.unavailable', 'met a deadlock, several times'],
  ['53100', 'store.unavailable', 'has no room left on its disk'],
  ['53300', 'store.unavailable', 'has too many connections'],
  ['53', 'store.unavailable', 'lacks memory or connections'],
  ['55P03', 'store.unavailable', 'kept the rows locked for too long'],
  ['57014', 'store.unavailable', 'cancelled a statement that took too long'],
  ['57P', 'store.unavailable', 'is starting or shutting down'],
  ['57', 'store.unavailable', 'was interrupted by its operator'],
  ['58', 'store.unavailable', 'met a fault of its system'],
  ['08', 'store.unavailable', 'lost the connection'],
  ['XX001', 'store.corrupt', 'found damaged data'],
  ['XX002', 'store.corrupt', 'found a damaged index'],
];

/** Of Node's sockets and its TLS. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENOENT',
]);
const UNTRUSTED = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** pg and PGlite have no codes for these. */
const BY_TEXT: readonly (readonly [text: RegExp, code: FailureCode, what: string])[] = [
  [/^Connection terminated/, 'store.unavailable', 'lost the connection'],
  [/^(timeout expired|timeout exceeded)/i, 'store.unavailable', 'did not answer in time'],
  [
    /^Connection ended|^Client has encountered|^Client was closed/,
    'store.unavailable',
    'lost the connection',
  ],
  [/^PGlite is clos/, 'store.unavailable', 'is closed'],
  [/after calling end on the pool|driver has already been destroyed/, 'store.unavailable', 'is closed'],
  [/does not support SSL/, 'store.unauthorized', 'offers no TLS, which sslmode in DATABASE_URL asks for'],
  [/password must be a string/, 'store.unauthorized', 'asks for a password, and DATABASE_URL has none'],
];

/**
 * What a failure of the database means: a `DealseatError` where we foresee it, else a `StatementError`, which is a bug or
 * a row that its caller expected. No value of a statement stays in either. What is not the database's passes as it is.
 */
export function storeFailure(error: unknown): Error {
  if (error instanceof DealseatError || error instanceof StatementError) return error;
  if (!isNativeError(error)) return new Error('The database of seats failed without an error');
  const { code, errors } = error as { code?: unknown; errors?: readonly unknown[] };
  // Of a host with several addresses: each failed.
  if (errors?.[0] !== undefined) return storeFailure(errors[0]);
  if (typeof code === 'string') {
    if (UNREACHABLE.has(code)) return failure('store.unavailable', `cannot be reached (${code})`);
    if (UNTRUSTED.test(code))
      return failure('store.unauthorized', `could not be trusted: its TLS failed with ${code}; see sslmode`);
    if (SQL_STATE.test(code)) return ofStatement(code, error);
  }
  const [, byText, what] = BY_TEXT.find(([text]) => text.test(error.message)) ?? [];
  if (byText !== undefined) return failure(byText, what ?? '');
  // Kysely's words for a transaction that had failed before its end.
  if (isNativeError(error.cause)) return storeFailure(error.cause);
  if (error.name === 'AbortedTransactionError') return new StatementError('25P02');
  return error;
}

function ofStatement(sqlState: string, error: Error): Error {
  const statement = new StatementError(sqlState, error as StatementFields);
  const [, code, what] = BY_STATE.find(([beginning]) => sqlState.startsWith(beginning)) ?? [];
  return code === undefined ? statement : failure(code, `${what} (SQLSTATE ${sqlState})`, statement);
}

type StatementFields = Partial<Record<'table' | 'column' | 'constraint', unknown>>;

function failure(code: FailureCode, what: string, cause?: StatementError): DealseatError {
  return new DealseatError({ code, message: `The database of seats ${what}`, cause });
}
