import { sql } from 'kysely';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

const BATCH = 500;
/** The columns of a seat, and the keys of its events, that tell who somebody is. */
const OF_PEOPLE = [
  'learner_email',
  'learner_key',
  'learner_name',
  'redeemer_email',
  'redeemer_user_id',
] as const;

/**
 * Names and addresses stay no longer than the order needs them: those of seats that were over before `before` go, by their
 * end, the end of access, or the last day of their code. States, times and counts stay. Returns how many seats that were.
 */
export async function forgetPeople(
  { db }: Pick<SeatStore, 'db'>,
  { before, heartbeat = () => {} }: { readonly before: Date; readonly heartbeat?: () => void },
): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const ids = await inTransaction(db, async (trx) => {
      const seats = await trx
        .selectFrom('seats')
        .leftJoin('codes', 'codes.id', 'seats.code_id')
        .leftJoin('code_groups', 'code_groups.id', 'codes.group_id')
        .select('seats.id')
        .where((where) => where.or(OF_PEOPLE.map((column) => where(`seats.${column}`, 'is not', null))))
        .where((where) =>
          where.or([
            where('seats.ended_at', '<', before),
            where('seats.access_until', '<', before),
            where.and([
              where('seats.redeemed_at', 'is', null),
              where('code_groups.codes_expire_at', '<', before),
            ]),
          ]),
        )
        .limit(BATCH)
        .forUpdate('seats')
        .skipLocked()
        .execute();
      const found = seats.map(({ id }) => id);
      if (found.length === 0) return found;
      await trx
        .updateTable('seats')
        .set({
          learner_email: null,
          learner_key: null,
          learner_name: null,
          redeemer_email: null,
          redeemer_user_id: null,
        })
        .where('id', 'in', found)
        .execute();
      await trx
        .updateTable('seat_events')
        .set({ changed: sql`changed - ${sql.val([...OF_PEOPLE])}::text[]` })
        .where('seat_id', 'in', found)
        .execute();
      await trx
        .updateTable('redemptions')
        .set({ email: null, user_id: null })
        .where('seat_id', 'in', found)
        .execute();
      await trx.updateTable('operations').set({ input: '{}' }).where('seat_id', 'in', found).execute();
      return found;
    });
    if (ids.length === 0) return forgotten;
    forgotten += ids.length;
    heartbeat();
  }
}
