import { judgeHistory } from '../../domain/deal/hold-history.ts';
import { type DealseatError, IS_REPEATED } from '../../domain/failure.ts';
import type { HoldClaim, HoldOutcome, WrittenHold } from '../crm.ts';
import { answerOf, makeTogether, type PartOutcome } from './composite.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { holdPart, writePart } from './deal-fields.ts';
import { type FieldHistory, historyPart, valuesBetween } from './field-history.ts';
import { DEAL_FIELDS } from './fields.ts';

const CLAIM = DEAL_FIELDS.claim.apiName;

/** Refers to what `look` found: where that is nothing, nothing is written. */
const FOUND = '@{look.records[0].Id}';

/**
 * Writes only where the field still says what was seen, which Salesforce looks at a moment before. Two writers may both have
 * looked by then: the history of the field, read after the write, tells which of them was first, as far as an admin has
 * it tracked.
 */
export async function takeHold(
  connection: Connection,
  { dealId, seen, hold, fields }: HoldClaim,
  signal?: AbortSignal,
): Promise<HoldOutcome> {
  const id = opportunityId(dealId);
  const parts = {
    look: holdPart(id, seen),
    write: writePart(id, { ...fields, claim: hold }, FOUND),
    history: historyPart(id, CLAIM),
  };
  const { look, write, history } = await makeTogether(connection, parts, signal);
  if (answerOf(look).records.length === 0) return 'late';
  answerOf(write);
  // Whoever comes too late must not miss it for a moment's failure, while the first one goes to work.
  if (history.is === 'failed' && mayPass(history.failure)) {
    return await proveHold(connection, { dealId, seen, hold }, signal);
  }
  return await judge(connection, { dealId, seen, hold, history }, signal);
}

export async function proveHold(
  connection: Connection,
  written: WrittenHold,
  signal?: AbortSignal,
): Promise<HoldOutcome> {
  const parts = { history: historyPart(opportunityId(written.dealId), CLAIM) };
  const { history } = await makeTogether(connection, parts, signal);
  return await judge(connection, { ...written, history }, signal);
}

function mayPass(failure: DealseatError): boolean {
  return failure.mayPass || IS_REPEATED[failure.class];
}

/** A history that cannot be read is no failure of a delivery: it goes on as where there is none. */
async function judge(
  connection: Connection,
  { dealId, seen, hold, history }: WrittenHold & { readonly history: PartOutcome<FieldHistory> },
  signal?: AbortSignal,
): Promise<HoldOutcome> {
  if (history.is !== 'done') return 'unproven';
  const values = valuesBetween(history.answer.records, { newest: hold, oldest: seen });
  const verdict = judgeHistory(values, { seen, hold });
  if (verdict.is === 'late')
    await putBack(connection, { id: opportunityId(dealId), ours: hold, theirs: verdict.putBack }, signal);
  return verdict.is;
}

/** Unless somebody has written over ours meanwhile. */
async function putBack(
  connection: Connection,
  { id, ours, theirs }: { readonly id: string; readonly ours: string; readonly theirs: string },
  signal?: AbortSignal,
): Promise<void> {
  const parts = { look: holdPart(id, ours), write: writePart(id, { claim: theirs }, FOUND) };
  const { look, write } = await makeTogether(connection, parts, signal);
  if (answerOf(look).records.length > 0) answerOf(write);
}
