import { DealseatError } from '../domain/failure.ts';
import { stateInWords } from '../domain/seats/operation-words.ts';
import { redeemLink } from '../domain/seats/redeem-link.ts';
import { noteDeed } from './audit-log.ts';
import { changeSeat, type SeatHappening } from './change-seat.ts';
import { takeRequest } from './keyed-request.ts';
import { lastEventAfter } from './last-event.ts';
import { lockOrder } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

interface LinkOf {
  /** The caller's idempotency key. A repeat shows the link again, and is audited as one. */
  readonly id: string;
  readonly seatId: string;
}

/**
 * The redeem link of a seat that a person has, for whoever asked: it is theirs to pass on. Audited, and the code counts as
 * handed out. Throws `seat.not_found`, `seat.busy`, `seat.wrong_state` or
 * `seat.id_used`.
 */
export async function showLink(
  { db, vault }: SeatStore,
  { id, seatId, ...happening }: Omit<SeatHappening, 'kind'> & LinkOf,
): Promise<string> {
  return await inTransaction(db, async (trx) => {
    const { at } = happening;
    const { isRepeat } = await takeRequest(trx, vault, { id, what: 'link', content: { seatId }, at });
    const read = trx.selectFrom('seats').selectAll().where('id', '=', seatId);
    const found = await read.executeTakeFirst();
    if (found === undefined) {
      throw new DealseatError({ code: 'seat.not_found', message: `No seat has the id "${seatId}"` });
    }
    await lockOrder(trx, found.order_id);
    const seat = await read.executeTakeFirstOrThrow();
    const isShown = seat.state === 'invited' || seat.state === 'exposed' || seat.state === 'claimed';
    if (!isShown || seat.code_id === null || seat.operation_id !== null) {
      throw new DealseatError({
        code: seat.operation_id === null ? 'seat.wrong_state' : 'seat.busy',
        message: `The seat ${stateInWords(seat.state)}, so its link is not shown: ${await lastEventAfter(trx, seat.id, 0)}`,
      });
    }
    const { code_enc, redeem_url, state } = await trx
      .selectFrom('codes')
      .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
      .select(['codes.code_enc', 'codes.state', 'code_groups.redeem_url'])
      .where('codes.id', '=', seat.code_id)
      .executeTakeFirstOrThrow();
    if (state === 'sealed') {
      await trx
        .updateTable('codes')
        .set({ state: 'handed_out', handed_out_at: happening.at })
        .where('id', '=', seat.code_id)
        .execute();
    }
    if (state === 'sealed' || seat.state === 'invited') {
      const set = seat.state === 'invited' ? { state: 'exposed' as const } : {};
      await changeSeat(trx, { ...happening, kind: 'exposed', seatId, version: seat.version, set });
    }
    await noteDeed(trx, {
      what: 'link shown',
      actor: happening.actor,
      orderId: seat.order_id,
      detail: { seatId, reason: happening.reason ?? null, isRepeat },
      at: happening.at,
    });
    return redeemLink(redeem_url, vault.open(code_enc));
  });
}
