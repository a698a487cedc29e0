import { CancellationScope } from '@temporalio/workflow';
import { type HandOver, isPastPivot } from '../src/contracts/hand-over.ts';
import type { Made } from '../src/contracts/made.ts';
import { DEFAULT_POLICY } from '../src/contracts/policy.ts';
import {
  FINAL_STATUSES,
  type ProvisionInput,
  type ProvisionResult,
  type Work,
} from '../src/contracts/run.ts';
import type { SeenAction } from '../src/domain/deal/action.ts';
import { NOT_READ } from '../src/domain/deal/hold.ts';
import type { DealSummary } from '../src/domain/planning/plan.ts';
import type { OpenQuestion } from '../src/domain/planning/question.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import { type Call, createCall } from './calls.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { createRunView, type RunView } from './run-view.ts';

/** Everything that one pass of `provisionDeal` knows. Beside each field: the one file that writes it. */
export interface Run {
  readonly input: ProvisionInput;
  readonly inbox: Inbox;
  readonly view: RunView;
  readonly call: Call;
  /** Cancelled by the `cancel` update, or with the whole workflow. */
  readonly work: CancellationScope;
  /** What the last reading told of the deal; until the first one only its id. `reading.ts` */
  deal: DealSummary;
  /** `Reading.hash` of the last reading. `reading.ts` */
  seen: string | null;
  /** What may have to be undone, oldest first. `undo.ts` */
  made: readonly Made[];
  /** How far codes are on their way to people. `hand-over.ts` */
  handOver: HandOver;
  /** What people are asked, or were asked last. `people/ask.ts` */
  open: OpenQuestion | null;
  /** Who set Retry on a deal that asked nothing; null: no one in this pass. `people/act.ts` */
  retriedBy: SeenAction | null;
  /** An action that could not be taken off the deal, and so is not carried out. `people/act.ts` */
  untakenAction: string | null;
}

/** What a piece of the story comes to. */
export type Step =
  /**
   * `needsLook`: it wrote on the deal, so that only another look tells whether the deal asks for more by now.
   * `isComplete`: it does not, unless people have changed it since it was read.
   */
  | {
      readonly is: 'over';
      readonly result: ProvisionResult;
      readonly needsLook: boolean;
      readonly isComplete?: boolean;
    }
  /** The run fails, and has said so. */
  | { readonly is: 'failed'; readonly error: Error; readonly needsLook: boolean }
  /** Somebody helped, or the deal changed. `reading`: if it was read once more already. */
  | { readonly is: 'again'; readonly reading: Reading | null };

export type Ending = Exclude<Step, { is: 'again' }>;

export const AGAIN: Step = { is: 'again', reading: null };

export function openRun(given: ProvisionInput): Run {
  // A run that an earlier version started knows no bound that was added since.
  const input = { ...given, policy: { ...DEFAULT_POLICY, ...given.policy } };
  const { dealId } = input.deal;
  const view = createRunView(input);
  const work = new CancellationScope();
  const carried: Work | undefined = input.carried?.work;
  const run: Run = {
    input,
    view,
    work,
    inbox: openInbox({ input, view, work, cancelObstacle: () => cancelObstacle(run) }),
    call: createCall({ ...input, lastReading: () => run.deal }),
    deal: {
      dealId,
      name: dealId,
      url: '',
      ownerId: null,
      markedStatus: null,
      hasSeats: false,
      isUnfinished: false,
      wonAt: null,
      writtenAt: null,
      hold: NOT_READ,
      changedAt: new Date(0).toISOString(),
    },
    seen: carried?.seen ?? null,
    made: carried?.made ?? [],
    handOver: carried?.handOver ?? { is: 'none' },
    open: carried?.open ?? null,
    retriedBy: null,
    untakenAction: null,
  };
  return run;
}

function cancelObstacle({ handOver, view }: Run): string | null {
  const { status } = view.progress;
  if (FINAL_STATUSES.includes(status)) return `A run that is ${status} cannot be cancelled`;
  if (status === 'Compensating') return 'The run is being undone already';
  return isPastPivot(handOver) ? 'The codes may be with people already; there is nothing to cancel' : null;
}
