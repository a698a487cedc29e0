import type { StoreReader } from './change-seat.ts';

export interface SyncPosition<State> {
  /** Everything before it has been read; null: nothing was read so far. */
  readonly readUpTo: Date | null;
  /** What a look that was not finished goes on from. */
  readonly state: Partial<State>;
}

export async function readPosition<State extends object>(
  db: StoreReader,
  name: string,
): Promise<SyncPosition<State>> {
  const row = await db
    .selectFrom('sync_positions')
    .select(['read_up_to', 'state'])
    .where('name', '=', name)
    .executeTakeFirst();
  return { readUpTo: row?.read_up_to ?? null, state: (row?.state ?? {}) as Partial<State> };
}

export async function savePosition<State extends object>(
  db: StoreReader,
  name: string,
  { readUpTo, state }: SyncPosition<State>,
  at: Date,
): Promise<void> {
  const values = { read_up_to: readUpTo, state: JSON.stringify(state), updated_at: at };
  await db
    .insertInto('sync_positions')
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}
