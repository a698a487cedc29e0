import { sql } from 'kysely';
import type { SeatStore } from './seat-store.ts';

/** Resolves when the store answers. */
export async function pingStore({ db }: Pick<SeatStore, 'db'>): Promise<void> {
  await sql`select 1`.execute(db);
}
