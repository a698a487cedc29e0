import { happenedInWords } from '../domain/seats/operation-words.ts';
import type { StoreReader } from './change-seat.ts';

/** Who did what to the seat last, and when: the reason why somebody else is too late. */
export async function lastEventAfter(db: StoreReader, seatId: string, version: number): Promise<string> {
  const last = await db
    .selectFrom('seat_events')
    .select(['kind', 'actor_kind', 'actor_name', 'at'])
    .where('seat_id', '=', seatId)
    .where('version', '>', version)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return 'nothing has happened to it since';
  const { kind, actor_kind, actor_name, at } = last;
  return happenedInWords({ kind, actor: { kind: actor_kind, name: actor_name }, at });
}
