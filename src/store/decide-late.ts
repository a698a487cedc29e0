import { sql } from 'kysely';
import { DealseatError } from '../domain/failure.ts';
import { decidedInWords, type LateDecision } from '../domain/seats/late-decision.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import { momentInWords } from '../domain/texts/days.ts';
import { noteDeed } from './audit-log.ts';
import type { StoreReader } from './change-seat.ts';
import type { FindingRow } from './findings.ts';
import { takeRequest } from './keyed-request.ts';
import { LATE_REDEMPTION } from './late-redemptions.ts';
import { ACCESS_LEFT, ACCESS_STAYS, accessLeftKey } from './note-access-left.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

interface LateDecisionRequest {
  /** The caller's idempotency key. */
  readonly id: string;
  readonly seatId: string;
  readonly decision: LateDecision;
  readonly actor: Actor;
  readonly reason: string;
  readonly at: Date;
}

const DECIDED = 'access decided';

/**
 * Puts on record what a person decided about access that nobody should have: by a code that was redeemed late, or of a seat
 * that ended in use. `keep` is all there is to do; the next sync does the rest. The same decision again changes nothing. Throws `seat.wrong_state` where nothing waits for a
 * decision, or another one was made, and says by whom; `seat.id_used`.
 */
export async function decideLateRedemption(
  { db, vault }: SeatStore,
  { id, seatId, decision, actor, reason, at }: LateDecisionRequest,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await takeRequest(trx, vault, { id, what: 'late_redemption', content: { seatId, decision }, at });
    const findings = await trx
      .selectFrom('findings')
      .selectAll()
      .where('seat_id', '=', seatId)
      .where('kind', 'in', [LATE_REDEMPTION, ACCESS_LEFT, ACCESS_STAYS])
      .orderBy('resolved_at', (resolved) => resolved.desc().nullsFirst())
      .forUpdate()
      .execute();
    const [last] = findings;
    if (last === undefined)
      throw refused('No access by a code of this seat, or by the seat itself, waits for a decision');
    const waiting = findings.filter(waits).map((finding) => finding.id);
    if (waiting.length === 0) {
      if (last.decision === decision) return;
      throw refused(await whatWasDecided(trx, last));
    }
    await trx
      .updateTable('findings')
      .set({
        decision,
        // What an audit found, and a person decided, is no difference from then on.
        kind: sql<string>`case kind when ${ACCESS_STAYS} then ${ACCESS_LEFT} else kind end`,
        key: sql<string>`case kind when ${ACCESS_STAYS} then ${accessLeftKey(seatId)} else key end`,
        ...(decision === 'keep' ? { resolved_at: at } : { notified_at: null, outcome: null }),
      })
      .where('id', 'in', waiting)
      .execute();
    const orderId = last.order_id;
    await noteDeed(trx, { what: DECIDED, actor, orderId, detail: { seatId, decision, reason }, at });
  });
}

/** Nothing was decided yet; or what was could not be done, and the owner was asked anew. */
function waits({ resolved_at, decision, notified_at }: FindingRow): boolean {
  return resolved_at === null && (decision === null || notified_at !== null);
}

async function whatWasDecided(
  db: StoreReader,
  { seat_id, decision, resolved_at }: FindingRow,
): Promise<string> {
  const decided = await db
    .selectFrom('audit_log')
    .select(['actor_kind', 'actor_name', 'at'])
    .where('what', '=', DECIDED)
    .where((log) => log(log.ref('detail', '->>').key('seatId'), '=', seat_id))
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (decision !== null && decided !== undefined) {
    return decidedInWords(decision, { kind: decided.actor_kind, name: decided.actor_name }, decided.at);
  }
  const when = resolved_at === null ? '' : ` on ${momentInWords(resolved_at.getTime())}`;
  return `Dealseat settled it by the rule of the catalog${when}`;
}

function refused(message: string): DealseatError {
  return new DealseatError({ code: 'seat.wrong_state', message });
}
