import type {
  Conclusion,
  OwnerNotice,
  RecordFacts,
  RecordReceipt,
  RecordWrite,
} from '../src/contracts/activities.ts';
import type { Delivery } from '../src/contracts/hand-over.ts';
import type { RunStatus } from '../src/contracts/run.ts';
import type { SeenAction } from '../src/domain/deal/action.ts';
import type { Ledger, Stop } from '../src/domain/deal/ledger.ts';
import { UNDOING_NOTE } from '../src/domain/texts/under-way.ts';
import type { Run } from './run.ts';

/** All that Dealseat's fields on a deal are told; nothing else calls `writeRecord` and `concludeDelivery`. */

/** Where the run stands. False: another run has the deal, so it was not written. */
export async function showOnDeal(
  run: Run,
  said: Omit<Extract<RecordWrite, { what: 'show' }>, 'what'>,
): Promise<RecordReceipt> {
  return run.call('writeRecord', `Show on the deal: ${said.status}`, { write: { what: 'show', ...said } });
}

/** Empties the action field. False: the action is not there, or another run has the deal: it is not to be carried out. */
export async function takeOffDeal(
  run: Run,
  { text: action }: SeenAction,
  said: Pick<Extract<RecordWrite, { what: 'take' }>, 'status' | 'detail'>,
): Promise<boolean> {
  const summary = `Take the action off the deal: ${action}`;
  return (await run.call('writeRecord', summary, { write: { what: 'take', action, ...said } })).isWritten;
}

/** What is about to be handed over or taken away; `late`: with the patience of an undo. */
export async function noteOnDeal(
  run: Run,
  noted: { readonly status: RunStatus; readonly detail: string; readonly ledger: Ledger },
  bounds?: 'late',
): Promise<RecordReceipt> {
  const summary = 'Note what is about to change hands';
  return run.call('writeRecord', summary, { write: { what: 'note', ...noted } }, bounds);
}

/** Undo of a note. */
export function restoreNote(run: Run, base: Ledger): Promise<RecordReceipt> {
  return noteOnDeal(run, { status: 'Compensating', detail: UNDOING_NOTE, ledger: base }, 'late');
}

interface Mark {
  readonly status: RunStatus;
  readonly detail: string;
  readonly facts: RecordFacts | null;
  readonly ledger: Ledger;
}

/** How it ended. The mark outlives Temporal's retention, so no run is over before it is written. */
export async function markDeal(run: Run, marked: Mark): Promise<void> {
  await run.call('writeRecord', `Mark the deal: ${marked.status}`, { write: { what: 'mark', ...marked } });
}

/** The mark of a delivery; with it the owner is told, and if nothing else is left to do, the deal is looked at once more. */
export function concludeOnDeal(
  run: Run,
  {
    mark,
    notice,
    isLastWord,
  }: { readonly mark: Mark; readonly notice: OwnerNotice; readonly isLastWord: boolean },
): Promise<Conclusion> {
  const { print } = run.deal;
  return run.call('concludeDelivery', `Mark the deal: ${mark.status}; notify the owner, and look once more`, {
    write: { what: 'mark', ...mark },
    notice,
    ...(isLastWord && print !== undefined ? { print } : {}),
  });
}

/** How a run ends that delivers nothing. */
export async function endOnDeal(
  run: Run,
  ended: {
    readonly status: RunStatus;
    readonly detail: string;
    readonly facts: RecordFacts | null;
    readonly stopped?: Stop;
  },
): Promise<RecordReceipt> {
  return run.call(
    'writeRecord',
    `Say on the deal how it ended: ${ended.status}`,
    { write: { what: 'end', ...ended } },
    'late',
  );
}

export function factsOf({ plan, groups, roster }: Delivery): RecordFacts {
  return {
    seatCount: plan.seatCount,
    groupLabels: groups.map(({ label }) => label),
    groupIds: groups.map(({ groupId }) => groupId),
    rosterUrl: roster.url,
  };
}
