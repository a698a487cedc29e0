import type { RecordFacts, RecordReceipt } from '../src/contracts/activities.ts';
import type { Delivery } from '../src/contracts/hand-over.ts';
import type { RunStatus } from '../src/contracts/run.ts';
import type { Ledger, Stop } from '../src/domain/deal/ledger.ts';
import type { Run } from './run.ts';

/** The only callers of `writeRecord`: all that Dealseat's fields on a deal are told. */

/** Where the run stands. False: another run has the deal, so it was not written. */
export async function showOnDeal(
  run: Run,
  said: { readonly status: RunStatus; readonly detail: string },
): Promise<RecordReceipt> {
  return run.call('writeRecord', `Show on the deal: ${said.status}`, { write: { what: 'show', ...said } });
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
  const detail = 'What was about to be handed over is being undone';
  return noteOnDeal(run, { status: 'Compensating', detail, ledger: base }, 'late');
}

/** How it ended. The mark outlives Temporal's retention, so no run is over before it is written. */
export async function markDeal(
  run: Run,
  marked: {
    readonly status: RunStatus;
    readonly detail: string;
    readonly facts: RecordFacts | null;
    readonly ledger: Ledger;
  },
): Promise<void> {
  await run.call('writeRecord', `Mark the deal: ${marked.status}`, { write: { what: 'mark', ...marked } });
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
