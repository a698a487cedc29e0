import { setTimeout as wait } from 'node:timers/promises';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import { DealseatError } from '../domain/failure.ts';
import type { StoreSchema } from './schema.ts';
import { StatementError } from './statement-error.ts';

/** Serialization failure and deadlock: the server undid everything, so all of it may be done again. */
const UNDONE: ReadonlySet<string> = new Set(['40001', '40P01']);
const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/**
 * All or nothing. Repeats the work when another transaction came between, so it must have no effects beside the
 * database. Inside a transaction the work joins it. Throws `store.unavailable` when others come between every time.
 *
 * Ask only `tx` in the work: the embedded database has one connection, and `db` would wait for its own end.
 */
export async function inTransaction<T>(
  db: Kysely<StoreSchema>,
  work: (tx: Transaction<StoreSchema>) => Promise<T>,
  { isolation }: { readonly isolation?: IsolationLevel } = {},
): Promise<T> {
  if (db.isTransaction) return work(db as Transaction<StoreSchema>);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const begin = db.transaction();
      return await (isolation === undefined ? begin : begin.setIsolationLevel(isolation)).execute(work);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isUndone(error)) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
      await wait(longest / 2 + (Math.random() * longest) / 2);
    }
  }
}

function isUndone(error: unknown): boolean {
  const statement = error instanceof DealseatError ? error.cause : error;
  return statement instanceof StatementError && UNDONE.has(statement.sqlState);
}
