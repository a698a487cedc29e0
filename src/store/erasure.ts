import { type Actor, emailKey } from '../domain/seats/seat-state.ts';
import { erasePerson } from './erase-person.ts';
import { noteProgress, takeRequest } from './keyed-request.ts';
import { FILE_STEPS } from './scrub-files.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** How far the erasure of a person is. Nothing in it says who that was. */
export interface ErasureProgress {
  readonly isOver: boolean;
  /** Rows that were changed, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Steps that were done, of all. */
  readonly done: number;
  readonly steps: number;
}

interface ErasureRequest {
  /** The caller's idempotency key: a repeat goes on where the last one stopped. */
  readonly id: string;
  readonly email: string;
  readonly actor: Actor;
  readonly at: Date;
}

/**
 * Does the next step of an erasure: first the rows, in one transaction; then the files, table by table; then what else has
 * the data, such as copies of the database. It may be killed at any point. Throws `seat.id_used`.
 */
export async function carryOnErasure(
  { db, vault }: SeatStore,
  { id, email, actor, at }: ErasureRequest,
  onErased: () => Promise<void> = async () => undefined,
): Promise<ErasureProgress> {
  const steps = [...FILE_STEPS, onErased];
  const content = { email: emailKey(email) };
  const { soFar, isNew } = await inTransaction(db, async (trx) => {
    const request = { id, what: 'erasure', content, at } as const;
    const { progress } = await takeRequest<ErasureProgress>(trx, vault, request);
    if (progress !== null) return { soFar: progress, isNew: false };
    const { rows } = await erasePerson({ db: trx }, { email, actor, at });
    const first = { isOver: false, rows, done: 1, steps: 1 + steps.length };
    return { soFar: await noteProgress(trx, id, first), isNew: true };
  });
  if (isNew || soFar.isOver) return soFar;
  await steps[soFar.done - 1]?.(db);
  const done = soFar.done + 1;
  return await inTransaction(db, (trx) =>
    noteProgress(trx, id, { ...soFar, done, isOver: done >= soFar.steps }),
  );
}
