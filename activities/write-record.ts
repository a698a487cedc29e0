import { Context } from '@temporalio/activity';
import type { DealFields } from '../src/clients/crm.ts';
import type {
  ProvisioningActivities,
  RecordFacts,
  RecordReceipt,
  RecordWrite,
  WriteRecordInput,
} from '../src/contracts/activities.ts';
import { parseHold } from '../src/domain/deal/hold.ts';
import {
  formatLedger,
  type Ledger,
  NO_SEAL,
  NO_SEATS,
  readLedger,
  type Stop,
} from '../src/domain/deal/ledger.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { withNames } from './contact-names.ts';
import { type ActivityDeps, crmOf, ownRun } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { doneHold, isJustProven, lookAtRecord, takeHold } from './hold.ts';
import { findRoster } from './roster-on-deal.ts';
import { noteMarked, numberFields, numbersOfMark } from './seat-numbers.ts';
import { askingFields, takenFields } from './take-action.ts';

type Mark = Extract<RecordWrite, { what: 'mark' }>;
type Show = Extract<RecordWrite, { what: 'show' }>;
type Take = Extract<RecordWrite, { what: 'take' }>;
type End = Extract<RecordWrite, { what: 'end' }>;

/** The only place that writes Dealseat's fields of a deal, apart from a new hold and what is noted before a message. */
export function writeRecord(deps: ActivityDeps): ProvisioningActivities['writeRecord'] {
  return async (input) => {
    const { write, deal } = input;
    switch (write.what) {
      case 'show':
        return show(deps, input, write);
      case 'take':
        return take(deps, input, write);
      case 'end':
        return end(deps, input, write);
      case 'note':
        await takeHold(deps, input);
        return put(deps, input, { ledger: formatLedger(write.ledger, deal, deps.sealer) });
      case 'mark':
        return mark(deps, input, write);
    }
  };
}

async function show(deps: ActivityDeps, input: WriteRecordInput, write: Show): Promise<RecordReceipt> {
  const { record, verdict } = await lookAtRecord(deps, input);
  if (verdict.is === 'elsewhere' || verdict.is === 'superseded') return { isWritten: false };
  const isAgain = isRepeat();
  // An attempt before has written names in the place of ids.
  const detail = isAgain ? await withNames(crmOf(deps, input.deal), write.detail) : write.detail;
  const fields = askingFields({ ...write, detail }, { record, isRepeat: isAgain });
  return fields === null ? { isWritten: true } : put(deps, input, fields);
}

function isRepeat(): boolean {
  return Context.current().info.attempt > 1;
}

async function take(deps: ActivityDeps, input: WriteRecordInput, write: Take): Promise<RecordReceipt> {
  const { record, verdict } = await lookAtRecord(deps, input);
  if (verdict.is === 'elsewhere' || verdict.is === 'superseded') return { isWritten: false };
  const fields = takenFields(write, { record, isRepeat: isRepeat() });
  if (fields === 'gone') return { isWritten: false };
  return fields === 'taken' ? { isWritten: true } : put(deps, input, fields);
}

async function mark(deps: ActivityDeps, input: WriteRecordInput, write: Mark): Promise<RecordReceipt> {
  const { fields, noteWritten } = await prepareMark(deps, input, write);
  const receipt = await put(deps, input, fields);
  await noteWritten();
  return receipt;
}

interface PreparedMark {
  readonly fields: DealFields;
  /** To be called once the deal has the fields. */
  readonly noteWritten: () => Promise<void>;
}

/** All that a mark writes, once it may be written. */
export async function prepareMark(
  deps: ActivityDeps,
  input: WriteRecordInput,
  mark: Mark,
): Promise<PreparedMark> {
  const { facts, ledger, status } = mark;
  const isJustMade = isJustProven(input);
  await takeHold(deps, input);
  if (status === 'Delivered' && facts !== null && !isJustMade) await requireRoster(deps, input, ledger);
  const marked = facts === null ? null : await numbersOfMark(deps, input.deal, facts);
  const fields = {
    ...(await said(deps, input, mark)),
    ...(facts === null ? {} : fieldsOf(facts)),
    ...(marked === null ? {} : numberFields(marked.numbers)),
    ledger: formatLedger(ledger, input.deal, deps.sealer),
    claim: doneHold(deps, input),
  };
  return { fields, noteWritten: () => noteMarked(deps, marked, status) };
}

async function end(
  deps: ActivityDeps,
  input: WriteRecordInput,
  { facts, stopped }: End,
): Promise<RecordReceipt> {
  const { record, verdict } = await lookAtRecord(deps, input);
  if (verdict.is === 'elsewhere' || verdict.is === 'superseded') return { isWritten: false };
  const isOurs = parseHold(record.hold)?.run === input.hold.run;
  const ledger = stopped && withStop(deps, input, record.ledger, stopped);
  return put(deps, input, {
    ...(facts === null ? {} : fieldsOf(facts)),
    ...(ledger ? { ledger } : {}),
    ...(isOurs ? { claim: doneHold(deps, input) } : {}),
  });
}

/** Null: people broke the ledger, which is left for them to see. One that they may have written stays without a seal. */
function withStop(
  deps: ActivityDeps,
  { deal }: WriteRecordInput,
  text: string | null,
  stopped: Stop,
): string | null {
  const read = readLedger(text, deal, deps.sealer);
  if (read === 'unreadable') return null;
  if (read === null || read.isSealed) {
    return formatLedger({ ...(read?.ledger ?? NO_SEATS), stopped }, deal, deps.sealer);
  }
  return formatLedger({ ...read.ledger, stopped }, deal, NO_SEAL);
}

/** A deal that says Delivered has its roster: what a run remembers of it proves nothing once it was reset or has waited. */
async function requireRoster(
  deps: ActivityDeps,
  { deal }: WriteRecordInput,
  { roster }: Ledger,
): Promise<void> {
  if (roster === null) return;
  if ((await findRoster(deps, deal, roster)) !== null) return;
  throw new DealseatError({
    code: 'crm.roster_missing',
    message: `The roster file ${roster.file} is missing from the deal, or was changed.`,
  });
}

async function put(deps: ActivityDeps, input: WriteRecordInput, fields: DealFields): Promise<RecordReceipt> {
  const { deal, write } = input;
  const { detail, ...others } = fields;
  const all = { ...(await said(deps, input, { ...write, detail: detail ?? write.detail })), ...others };
  await crmOf(deps, deal).writeDealFields(deal.dealId, all, cancellationSignal());
  return { isWritten: true };
}

async function said(
  deps: ActivityDeps,
  { deal }: Pick<WriteRecordInput, 'deal'>,
  { status, detail }: RecordWrite,
): Promise<DealFields> {
  const named = await withNames(crmOf(deps, deal), detail);
  return { ...(status === null ? {} : { status }), detail: named, ...ownRun(deps) };
}

function fieldsOf({ seatCount, groupLabels, groupIds, rosterUrl }: RecordFacts): DealFields {
  return {
    seats: seatCount,
    groupLabel: groupLabels.join(', '),
    groupId: groupIds.join(', '),
    rosterFile: rosterUrl,
  };
}
