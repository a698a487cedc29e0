import { CancellationScope, setHandler } from '@temporalio/workflow';
import type { ClaimedDeal } from '../src/contracts/activities.ts';
import type { MessageOutcomes } from '../src/contracts/message-outcomes.ts';
import {
  type Decision,
  type MessageReceipt,
  type ProvisionInput,
  type ProvisionResult,
  type RetryRequest,
  TELLERS,
  type Teller,
  tellerOf,
  type Waiting,
} from '../src/contracts/run.ts';
import type { Problem } from '../src/domain/failure.ts';
import type { DealSummary, Plan } from '../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import type { RosterReceipt } from '../src/domain/seats/roster.ts';
import { Compensations } from './compensation.ts';
import * as messages from './messages.ts';
import { createProxies, type Proxies } from './proxies.ts';
import { createRunState, type RunState } from './run-state.ts';

interface RejectedPlan {
  readonly hash: string;
  readonly reason: Problem;
  /** Said on the deal. */
  readonly isNoted: boolean;
}

/** Everything that one run of `provisionDeal` knows, and the only place where messages change it. */
export interface Run {
  readonly input: ProvisionInput;
  readonly proxies: Proxies;
  readonly state: RunState;
  readonly compensations: Compensations;
  /** Cancelled by the `cancel` update, or with the whole workflow. */
  readonly work: CancellationScope;
  /** What the last reading told of the deal; until the first one only its id. */
  deal: DealSummary;
  /** Set by every `dealChanged`; the run clears it just before it reads the deal. */
  hasDealChanged: boolean;
  /** Only a person has a deal provisioned that was won long ago. */
  toldBy: Teller;
  /** A person would not have more seats made, and none has asked for the deal again since. */
  rejection: RejectedPlan | null;
  retryRequest: RetryRequest | null;
  decision: (Decision & { readonly isApproved: boolean }) | null;
  approvedHash: string | null;
  cancelledBy: Decision | null;
  /** From here on nothing is undone: a message to a person may be on its way. */
  isPastPivot: boolean;
  /** Of executions of the sending step that failed; the next one is handed them. */
  messageOutcomes: MessageOutcomes;
  /** Of a first delivery, whose ledger is written with its mark: what people may hold from the pivot on. */
  handedOver: HandedOver | null;
  /** Set once the messages of a plan are out: they are never sent again by this run. */
  messages: readonly MessageReceipt[] | null;
  /** Revision of the plan that they belong to. */
  messagesRevision: string | null;
  /** The groups that this run knows to exist, by token: an undo need not search for them. */
  readonly knownGroups: Map<string, EnsuredGroup>;
  lastTold: string | null;
  /** What a person decided about a claw-back, and which one. */
  clawBackDecision: (Decision & { readonly isApproved: boolean; readonly hash: string }) | null;
  claim: RunClaim;
  /** A warning names the other deployment. */
  hasMetAnother: boolean;
  /** The deal shows that provisioning started. */
  hasShownStart: boolean;
  /** Revision of the amendment that the deal's ledger notes as pending. */
  notedRevision: string | null;
  /** The problems that the run waits for, and since when: being woken in vain gives no new deadline. */
  waiting: Waiting | null;
  /** Set when this run has delivered and looks once more. */
  delivered: ProvisionResult | null;
}

/** Call before the first await: a message that comes with the start must find its handler. */
export function createRun(input: ProvisionInput): Run {
  const { dealId } = input.deal;
  const run: Run = {
    input,
    proxies: createProxies(input.policy, input.lane),
    state: createRunState(input),
    compensations: new Compensations(),
    work: new CancellationScope(),
    deal: {
      dealId,
      name: dealId,
      url: '',
      ownerId: null,
      markedStatus: null,
      hasSeats: false,
      isUnfinished: false,
      hasRejection: false,
    },
    hasDealChanged: false,
    toldBy: input.toldBy ?? tellerOf(input.trigger),
    rejection: null,
    retryRequest: null,
    decision: null,
    approvedHash: input.approvedHash ?? null,
    cancelledBy: null,
    isPastPivot: false,
    messageOutcomes: {},
    handedOver: null,
    messages: null,
    messagesRevision: null,
    knownGroups: new Map(),
    lastTold: null,
    clawBackDecision: null,
    claim: { is: 'unknown' },
    hasMetAnother: false,
    hasShownStart: false,
    notedRevision: null,
    waiting: input.waiting ?? null,
    delivered: null,
  };
  listen(run);
  return run;
}

function listen(run: Run): void {
  const { state } = run;
  setHandler(messages.progress, () => state.progress);
  setHandler(messages.dealChanged, (trigger) => {
    run.hasDealChanged = true;
    const toldBy = tellerOf(trigger);
    if (TELLERS.indexOf(toldBy) > TELLERS.indexOf(run.toldBy)) run.toldBy = toldBy;
    if (toldBy === 'person') run.rejection = null;
  });

  setHandler(
    messages.retry,
    (request) => {
      run.retryRequest = request;
      run.toldBy = 'person';
      return state.progress;
    },
    { validator: (_request: RetryRequest) => requireState(state, ['NeedsAttention'], 'be retried') },
  );

  setHandler(
    messages.cancel,
    (decision) => {
      run.cancelledBy = decision;
      run.work.cancel();
      return state.progress;
    },
    {
      validator: (_decision: Decision) => {
        if (run.isPastPivot)
          throw new Error('The roster has been handed over already; there is nothing to cancel');
        requireState(
          state,
          ['Planning', 'Provisioning', 'AwaitingCodes', 'HandingOver', 'NeedsAttention'],
          'be cancelled',
        );
      },
    },
  );

  const decide = (isApproved: boolean) => (decision: Decision) => {
    run.decision = { ...decision, isApproved };
    return state.progress;
  };
  const validator = (_decision: Decision) => {
    if (!state.progress.awaitsApproval) throw new Error('The run does not wait for approval');
  };
  setHandler(messages.approve, decide(true), { validator });
  setHandler(messages.reject, decide(false), { validator });
}

function requireState({ progress }: RunState, allowed: readonly string[], what: string): void {
  if (progress.awaitsApproval && what === 'be retried') {
    throw new Error('The run waits for approval: approve or reject it');
  }
  if (allowed.includes(progress.status)) return;
  if (progress.status === 'Compensating') throw new Error('The run is being undone already');
  throw new Error(`A run that is ${progress.status} cannot ${what}; expected ${allowed.join(' or ')}`);
}

/** What was handed over, perhaps without a mark that says so yet. */
export interface HandedOver {
  readonly plan: Plan;
  readonly groups: readonly EnsuredGroup[];
  readonly roster: RosterReceipt;
}

/** Whose deal it is, as far as the steps have told. */
export type RunClaim =
  | { readonly is: 'unknown' }
  /** Ours since a step held it. */
  | { readonly is: 'held'; readonly claimed: Omit<ClaimedDeal, 'deal'> }
  | { readonly is: 'elsewhere' }
  /** The deal lives on in another one, which has a run of its own. */
  | { readonly is: 'merged'; readonly isHandedOut: boolean };
