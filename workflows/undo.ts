import { CancellationScope, log } from '@temporalio/workflow';
import type { Made } from '../src/contracts/made.ts';
import type { UndoReport } from '../src/contracts/run.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { AccessLeftBehind } from '../src/domain/texts/access-behind.ts';
import { undoneText } from '../src/domain/texts/endings.ts';
import { problemOf } from './failures.ts';
import { restoreNote } from './record.ts';
import type { Run } from './run.ts';

/**
 * Notes what is about to be made, before it is made: a call that timed out may have happened. What is made again after a
 * person helped is added to what was made before.
 */
export function noteMade(run: Run, made: Made): void {
  const index = run.made.findIndex((other) => nameOf(other) === nameOf(made));
  const before = run.made[index];
  run.made = before === undefined ? [...run.made, made] : run.made.with(index, joined(before, made));
}

/** It is delivered, or not this run's to undo. */
export function forgetMade(run: Run, isForgotten: (made: Made) => boolean = () => true): void {
  run.made = run.made.filter((made) => !isForgotten(made));
}

/** The group that was chosen for a token, whatever else is found under it. */
export function pinnedGroupId({ made }: Run, token: string): string | null {
  const group = made.find((candidate) => candidate.what === 'group' && candidate.token === token);
  return group?.what === 'group' ? group.groupId : null;
}

function nameOf(made: Made): string {
  switch (made.what) {
    case 'group':
      return `group ${made.token}`;
    case 'roster':
      return `roster ${made.fileName}`;
    default:
      return made.what;
  }
}

function joined(before: Made, made: Made): Made {
  if (before.what === 'group' && made.what === 'group') {
    return { ...made, groupId: made.groupId ?? before.groupId };
  }
  if (before.what === 'links' && made.what === 'links') {
    const groups = new Map([...before.groups, ...made.groups].map((group) => [group.token, group]));
    return {
      what: 'links',
      contactIds: [...new Set([...before.contactIds, ...made.contactIds])],
      groups: [...groups.values()],
    };
  }
  // What the deal had before is what it had before the first note.
  if (before.what === 'note' && made.what === 'note') return { ...made, base: before.base };
  return made;
}

/**
 * Undoes what was made, but for what `keeps` names. The note goes first, because it says that people may hold the rest;
 * the others have nothing to do with one another. One failing undo does not stop the others.
 */
export async function undoMade(
  run: Run,
  { keeps = () => false, deal }: { readonly keeps?: (made: Made) => boolean; readonly deal?: DealRef } = {},
): Promise<readonly UndoReport[]> {
  const due = run.made.filter((made) => !keeps(made));
  if (due.length === 0) return [];
  const undone = await CancellationScope.nonCancellable(async () => {
    const notes = due.filter(({ what }) => what === 'note');
    const others = due.filter(({ what }) => what !== 'note').reverse();
    const first = await Promise.all(notes.map((made) => orReport(run, made, deal)));
    return [...first, ...(await Promise.all(others.map((made) => orReport(run, made, deal))))];
  });
  forgetMade(run, (made) => !keeps(made));
  run.view.update({ undone });
  return undone;
}

async function orReport(run: Run, made: Made, deal: DealRef | undefined): Promise<UndoReport> {
  const { outcome, detail, accessLeft } = await reportOf(run, made, deal);
  const codeCount = made.what === 'group' ? codesOf(run, made.label) : 0;
  const left = accessLeft === undefined ? {} : { accessLeft };
  const onDeal = undoneText(made.what, { outcome, detail, codeCount, ...left });
  return { step: describe(made), outcome, detail, onDeal };
}

interface Undone extends Pick<UndoReport, 'outcome' | 'detail'> {
  readonly accessLeft?: AccessLeftBehind;
}

async function reportOf(run: Run, made: Made, deal: DealRef | undefined): Promise<Undone> {
  try {
    return await undo(run, made, deal);
  } catch (error) {
    const { code, message } = problemOf(error);
    // The surviving deal has a run of its own, which takes the groups over.
    if (code === 'deal.merged') return { outcome: 'kept', detail: message };
    // A note is written under the hold, which another run has by now: what the deal says is for that one.
    if (code === 'run.superseded' || code === 'run.held_elsewhere') return KEPT;
    log.error('An undo failed for good', { code, message });
    return { outcome: 'failed', detail: `${code}: ${message}` };
  }
}

/** Of a group that was made or may have been; 0: the run does not know. */
function codesOf({ view }: Run, label: string): number {
  return view.progress.groups.find((group) => group.label === label)?.seatCount ?? 0;
}

const KEPT = { outcome: 'kept', detail: 'Another run has handed it out or works on it' } as const;

async function undo(run: Run, made: Made, deal: DealRef | undefined): Promise<Undone> {
  const on = deal ? { deal } : {};
  switch (made.what) {
    case 'note': {
      const { isWritten } = await restoreNote(run, made.base);
      return isWritten ? { outcome: 'undone', detail: 'The ledger of the deal is what it was' } : KEPT;
    }
    case 'roster': {
      const { fileName } = made;
      const { isKept } = await run.call('removeRoster', 'Delete the roster', { ...on, fileName });
      return isKept ? KEPT : { outcome: 'undone', detail: `${fileName} is no longer on the deal` };
    }
    case 'links': {
      const { contactIds, groups } = made;
      const { isKept } = await run.call('clearRedeemLinks', 'Take the links back', { contactIds, groups });
      return isKept ? KEPT : { outcome: 'undone', detail: 'No contact of the deal has a link of it now' };
    }
    case 'group':
      return quarantine(run, made);
  }
}

async function quarantine(
  run: Run,
  { token, label, platform, groupId }: Extract<Made, { what: 'group' }>,
): Promise<Undone> {
  const { lookUpMs, lookUpIntervalMs } = run.input.policy;
  const { quarantined, isKept, accessLeft } = await run.call('quarantineCodeGroup', `Quarantine ${label}`, {
    ownerId: run.deal.ownerId,
    group: { token, label, platform },
    groupId,
    codeCount: codesOf(run, label),
    // A group that is known to be there need not be searched for patiently.
    lookUpMs: groupId === null ? lookUpMs : 0,
    lookUpIntervalMs,
  });
  if (isKept) return KEPT;
  return quarantined.length === 0
    ? { outcome: 'nothing_to_undo', detail: 'No group was made' }
    : {
        outcome: 'quarantined',
        detail: `Never handed out; a task on the deal names ${quarantined.join(', ')}`,
        ...(accessLeft === undefined ? {} : { accessLeft }),
      };
}

function describe(made: Made): string {
  switch (made.what) {
    case 'note':
      return 'Note on the deal what is being handed over';
    case 'roster':
      return 'Attach the roster to the deal';
    case 'links':
      return 'Write redeem links to the learners';
    case 'group':
      return `Create the code group ${made.label}`;
  }
}
