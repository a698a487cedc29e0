import { FAILURES, isFailureCode } from '../domain/failure.ts';
import { accessEndOf } from '../domain/seats/access-end.ts';
import { actorWords, eventWords } from '../domain/seats/event-words.ts';
import type { NudgeStanding } from '../domain/seats/nudge-standing.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import type { SeatCounts } from '../domain/seats/seat-state.ts';
import { seatWords } from '../domain/seats/seat-words.ts';
import { nudgeStandingText } from '../domain/texts/nudge-standing.ts';
import type { SeatCsvRow } from '../roster/seats-csv.ts';
import type { ExportedSeat } from '../store/export-seats.ts';
import type { ReadFinding } from '../store/read-findings.ts';
import type { ReadOperation } from '../store/read-operation.ts';
import type { ReadOrder } from '../store/read-orders.ts';
import type { readSeatEvents } from '../store/read-seat-events.ts';
import type { ReadSeat } from '../store/read-seats.ts';
import type {
  FindingsView,
  NudgeView,
  OperationView,
  OrderView,
  SeatHistoryView,
  SeatView,
} from './views.ts';

export function orderView({ order, mergedInto, products }: ReadOrder): OrderView {
  return {
    crm: order.crm,
    account: order.account,
    dealId: order.deal_id,
    dealName: order.deal_name,
    dealUrl: order.deal_url,
    companyName: order.company_name,
    audience: order.audience,
    deliveredAt: instantOf(order.delivered_at),
    mergedInto,
    counts: sumOf(products.map(({ counts }) => counts)),
    products,
  };
}

function sumOf(all: readonly SeatCounts[]): SeatCounts {
  const sum = (part: keyof SeatCounts) => all.reduce((total, counts) => total + counts[part], 0);
  return { sold: sum('sold'), used: sum('used'), reserved: sum('reserved'), free: sum('free') };
}

export function seatView(seat: ReadSeat): SeatView {
  const { learner_email: email, learner_name: name, contact_id: contactId } = seat;
  return {
    id: seat.id,
    crm: seat.crm,
    account: seat.account,
    dealId: seat.deal_id,
    dealName: seat.deal_name,
    companyName: seat.company_name,
    productKey: seat.product_key,
    productTitle: seat.product_title,
    state: seat.state,
    stateText: seatWords(seat.state, seat.ended_why),
    since: seat.state_since.toISOString(),
    version: seat.version,
    holder: email === null && name === null && contactId === null ? null : { email, name, contactId },
    groupLabel: seat.group_label,
    codeState: seat.code_state,
    redeemedAt: instantOf(seat.redeemed_at),
    redeemedBy: seat.redeemer_email,
    usedByOther: seat.used_by_other,
    accessUntil: instantOf(accessUntil(seat)),
    createdAt: seat.created_at.toISOString(),
    endedAt: instantOf(seat.ended_at),
    nextSeatId: seat.next_seat_id,
    operationId: seat.operation_id,
    waitsFor: waitsFor({ code: seat.waits_for, text: seat.waits_for_text }),
  };
}

/** What is to be done before a change of the seat can go on. */
function waitsFor({ code, text }: { readonly code: string | null; readonly text: string | null }) {
  return isFailureCode(code) ? { code, text: text ?? '', cure: FAILURES[code].cure } : null;
}

export function csvRow({ seat, code }: ExportedSeat): SeatCsvRow {
  const { holder, stateText, since, redeemedAt, redeemedBy, accessUntil: until, id } = seatView(seat);
  return {
    code,
    redeemUrl: seat.redeem_url,
    title: seat.product_title,
    label: seat.group_label,
    codesExpireAt: instantOf(seat.codes_expire_at),
    accessDays: seat.access_days,
    groupAccessUntil: instantOf(seat.group_access_until),
    stateText,
    holderEmail: holder?.email ?? null,
    holderName: holder?.name ?? null,
    since,
    redeemedAt,
    redeemedBy,
    accessUntil: until,
    seatId: id,
  };
}

/** As far as Dealseat knows; a seat that nobody uses yet has the fixed end of its product, if there is one. */
function accessUntil(seat: ReadSeat): Date | null {
  return (
    accessEndOf(seat, { access_days: seat.access_days, access_until: seat.group_access_until }) ??
    seat.group_access_until
  );
}

export function nudgeView(standing: NudgeStanding): NudgeView {
  const { rule, state, dueAt, record, isInCatalog } = standing;
  const mail = record?.mail ?? null;
  return {
    rule,
    state,
    text: nudgeStandingText(standing),
    dueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    settledAt: record?.settledAt ? new Date(record.settledAt).toISOString() : null,
    mail: mail === null ? null : { is: mail, via: record?.via ?? null },
    task: record?.task ?? null,
    isInCatalog,
  };
}

export function eventView(
  event: Awaited<ReturnType<typeof readSeatEvents>>[number],
): SeatHistoryView['events'][number] {
  const { at, kind, reason, changed } = event;
  const actor = { kind: event.actor_kind, name: event.actor_name };
  return { at: at.toISOString(), kind, actor, reason, text: eventWords({ kind, actor, changed }) };
}

export function operationView(operation: ReadOperation): OperationView {
  const { failure_code: code, actor_kind: kind, actor_name: name, state } = operation;
  return {
    id: operation.id,
    kind: operation.kind,
    seatId: operation.seat_id,
    nextSeatId: operation.next_seat_id,
    crm: operation.crm,
    dealId: operation.deal_id,
    state,
    isOver: !OPEN_OPERATION.includes(state),
    text: operation.outcome,
    failure: isFailureCode(code) ? { code, cure: FAILURES[code].cure } : null,
    askedBy: actorWords({ kind, name }),
    reason: operation.reason,
    askedAt: operation.asked_at.toISOString(),
    startedAt: instantOf(operation.started_at),
    settledAt: instantOf(operation.settled_at),
  };
}

export function findingView(finding: ReadFinding): FindingsView['findings'][number] {
  return {
    id: finding.id,
    kind: finding.kind,
    text: finding.text,
    cure: finding.cure,
    crm: finding.crm,
    dealId: finding.deal_id,
    seatId: finding.seat_id,
    foundAt: finding.found_at.toISOString(),
    seenAt: finding.seen_at.toISOString(),
  };
}

function instantOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
