import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Progress, ProvisionInput } from '../src/contracts/run.ts';
import type { FailureCode } from '../src/domain/failure.ts';
import { details } from './details.ts';
import { createOutcomes } from './outcomes.ts';
import { shownAttributes } from './shown-attributes.ts';

/** What a run tells the world about itself: the progress query, the details page of the UI, the search attributes. */
export interface RunView {
  readonly progress: Progress;
  /** Every change of the run goes through here, so that all three always agree. */
  update(changes: Partial<Progress>): void;
  warn(warning: string): void;
  /** The run asks nothing any more: whoever looks at once must not be told that nobody has answered. */
  answered(): void;
  /** The deal was read; `changedAt`: the record's last change that the reading knows of. */
  haveRead(changedAt: string): void;
  /** Says so at once, for the sweep, while the run waits. */
  tellReading(): void;
  /** Why the run ends without a problem that anybody could fix; to be called before the update that ends it. */
  nameReason(code: FailureCode): void;
  /** Nothing was done, because the deal is as it was delivered before; to be called before the update that ends it. */
  foundUnchanged(): void;
}

/** How every turn of a run begins. */
export const READING = { status: 'Planning', step: 'Reading the deal' } as const;

const NOTHING_YET: Progress = {
  ...READING,
  dealName: null,
  dealUrl: null,
  seatCount: null,
  groups: [],
  roster: null,
  messages: [],
  problems: [],
  question: null,
  undone: [],
  warnings: [],
};

export function createRunView(input: ProvisionInput): RunView {
  const { carried } = input;
  let progress: Progress = carried?.work?.progress ?? { ...NOTHING_YET, warnings: carried?.warnings ?? [] };
  let readUpTo: Date | null = null;
  let reason: FailureCode | null = null;
  let isUnchanged = false;
  const sayOutcome = createOutcomes(input);
  // A run is started with its status; one that continues another still shows how that ended.
  let isTold = carried === undefined;
  const tell = () => {
    isTold = true;
    upsertSearchAttributes(shownAttributes(progress, { readUpTo, reason }));
  };
  const update = (changes: Partial<Progress>): void => {
    const before = progress;
    if (changes.status === 'Planning') {
      reason = null;
      isUnchanged = false;
    }
    progress = { ...progress, ...changes };
    setCurrentDetails(details(input, progress));
    if (!isTold || isVisibleChange(before, progress)) tell();
    sayOutcome(progress, { reason, isUnchanged });
  };
  return {
    get progress() {
      return progress;
    },
    update,
    warn: (warning) => {
      if (!progress.warnings.includes(warning)) update({ warnings: [...progress.warnings, warning] });
    },
    answered: () => update({ ...READING, problems: [], question: null }),
    haveRead(changedAt) {
      readUpTo = new Date(changedAt);
    },
    tellReading: tell,
    nameReason(code) {
      reason = code;
    },
    foundUnchanged() {
      isUnchanged = true;
    },
  };
}

/** An upsert is an event of history, so only what operators act on causes one. */
function isVisibleChange(before: Progress, after: Progress): boolean {
  return (
    before.status !== after.status || before.problems !== after.problems || before.undone !== after.undone
  );
}
