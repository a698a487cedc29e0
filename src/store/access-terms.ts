import type { Selectable } from 'kysely';
import { DealseatError } from '../domain/failure.ts';
import { accessEndOf } from '../domain/seats/access-end.ts';
import { momentInWords } from '../domain/texts/days.ts';
import type { SeatRow, StoreReader } from './change-seat.ts';
import type { CodeGroupsTable } from './schema.ts';

export type GroupRow = Selectable<CodeGroupsTable>;

/** The group of the seat's code; for a seat without one, the newest that was sold of its product. */
export async function groupOfSeat(
  db: StoreReader,
  seat: Pick<SeatRow, 'code_id' | 'order_id' | 'product_key'>,
): Promise<GroupRow> {
  const own =
    seat.code_id === null
      ? undefined
      : await db
          .selectFrom('code_groups')
          .selectAll('code_groups')
          .innerJoin('codes', 'codes.group_id', 'code_groups.id')
          .where('codes.id', '=', seat.code_id)
          .executeTakeFirst();
  return own ?? (await newestSold(db, seat));
}

/** New codes and new access are given on its terms. */
export async function newestSold(
  db: StoreReader,
  { order_id, product_key }: Pick<SeatRow, 'order_id' | 'product_key'>,
): Promise<GroupRow> {
  return await db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', '=', order_id)
    .where('product_key', '=', product_key)
    .where('purpose', '=', 'sold')
    .orderBy('part', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
}

/** Codes on these terms can still be redeemed, and give access. */
export function isLiving(
  { codes_expire_at, access_until }: Pick<GroupRow, 'codes_expire_at' | 'access_until'>,
  at: Date,
): boolean {
  return [codes_expire_at, access_until].every((end) => end === null || end > at);
}

export async function requireLivingCodes(db: StoreReader, seat: SeatRow, at: Date): Promise<void> {
  const group = await newestSold(db, seat);
  if (isLiving(group, at)) return;
  const { codes_expire_at: codes, access_until: access } = group;
  const ended = access !== null && access <= at ? ['access', access] : ['codes', codes];
  throw new DealseatError({
    code: 'seat.codes_expired',
    message: `The ${ended[0]} of "${group.title}" ended on ${momentInWords((ended[1] as Date).getTime())}, so a new code would not work`,
  });
}

interface NewEnd {
  readonly kind: 'extend' | 'shorten';
  readonly input: { readonly until: string };
  readonly at: Date;
}

/** Shortening to a day of the past is a revoke by another name, which leaves a seat in use without access. */
export async function requireFittingEnd(
  db: StoreReader,
  seat: SeatRow,
  { kind, input, at }: NewEnd,
): Promise<void> {
  const until = Date.parse(input.until);
  if (Number.isNaN(until)) {
    throw badDate(
      `The new end of access is "${input.until}"; expected an instant such as 2027-01-31T23:59:59Z`,
    );
  }
  if (until <= at.getTime()) throw badDate(`The new end of access, ${momentInWords(until)}, is over`);
  const now = accessEndOf(seat, await groupOfSeat(db, seat));
  if (now === null) return;
  const [isWrong, than] =
    kind === 'extend' ? [until <= now.getTime(), 'later'] : [until >= now.getTime(), 'earlier'];
  if (isWrong) {
    throw badDate(
      `The access ends on ${momentInWords(now.getTime())}; to ${kind} it, the new end must be ${than}, and ${momentInWords(until)} is not`,
    );
  }
}

function badDate(message: string): DealseatError {
  return new DealseatError({ code: 'seat.bad_date', message });
}
