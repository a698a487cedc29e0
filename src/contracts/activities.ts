import type { SeenAction } from '../domain/deal/action.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import type { HoldBounds } from '../domain/deal/hold.ts';
import type { Ledger, Stop } from '../domain/deal/ledger.ts';
import type { Plan, PlannedGroup, Withdrawal } from '../domain/planning/plan.ts';
import type { Reading, Swap } from '../domain/planning/reading.ts';
import type { EnsuredGroup, LinkedGroup } from '../domain/seats/code-group.ts';
import type { MessageOutcomes } from '../domain/seats/message-outcome.ts';
import type { RosterReceipt } from '../domain/seats/roster.ts';
import type { AccessLeftBehind } from '../domain/texts/access-behind.ts';
import type { MailFinding, RunStatus, Source, WithdrawalReceipt } from './run.ts';

/**
 * What a repeat of an activity would do, which decides its time bounds and retries.
 * - `read`: nothing.
 * - `poll`: nothing; its retry is the poll.
 * - `create`: looks for what it makes before it makes it.
 * - `roster`: writes the same again, after listing all codes.
 * - `send`: irreversible; made once by the tool's own key, or found again before it is repeated.
 * - `write`: writes the same again.
 * - `undo`: takes back what is there; nothing there is success.
 */
export type EffectClass = 'read' | 'poll' | 'create' | 'roster' | 'send' | 'write' | 'undo';

/** Proxies, time bounds, the table in the documentation, and the activities of tests and benches derive from this. */
export const ACTIVITY_CLASS = {
  planDeal: 'read',
  ensureCodeGroup: 'create',
  awaitCodes: 'poll',
  attachRoster: 'roster',
  sendMessages: 'send',
  withdrawSeats: 'roster',
  concludeDelivery: 'write',
  writeRecord: 'write',
  notifyOwner: 'write',
  closeNotices: 'write',
  swapSeats: 'poll',
  quarantineCodeGroup: 'undo',
  clearRedeemLinks: 'undo',
  removeRoster: 'undo',
} as const satisfies Record<string, EffectClass>;

export type ActivityName = keyof typeof ACTIVITY_CLASS;

export const ACTIVITY_NAMES = Object.keys(ACTIVITY_CLASS) as readonly ActivityName[];

/** What the workflow may ask of the outside world. `activities/` implements it; each is safe to run again. */
export interface ProvisioningActivities extends Record<ActivityName, (input: never) => Promise<unknown>> {
  planDeal(input: PlanDealInput): Promise<Reading | Unchanged>;
  /** One group of this token and content, and a first look at its codes. */
  ensureCodeGroup(input: EnsureCodeGroupInput): Promise<EnsuredGroup>;
  /** Fails with `lms.codes_not_listed` until each list may be complete; the step that reads it proves that it is. */
  awaitCodes(input: { readonly deal: DealRef; readonly groups: readonly EnsuredGroup[] }): Promise<void>;
  /** Gives every learner the same codes again, and puts one file of this name and content on the deal. */
  attachRoster(input: AttachRosterInput): Promise<RosterReceipt>;
  /** What became of every message, those of earlier executions included. Ends at the first refusal. */
  sendMessages(input: SendMessagesInput): Promise<MessageOutcomes>;
  /** Takes the codes that do not remain from the roster, the learners and the list. */
  withdrawSeats(input: WithdrawSeatsInput): Promise<WithdrawalReceipt>;
  /** Marks the deal, tells its owner, and looks once more. Fails only with what kept the mark from being written. */
  concludeDelivery(input: ConcludeDeliveryInput): Promise<Conclusion>;
  writeRecord(input: WriteRecordInput): Promise<RecordReceipt>;
  notifyOwner(input: NotifyOwnerInput): Promise<void>;
  closeNotices(input: CloseNoticesInput): Promise<void>;
  /** Asks for the operations once, and fails with `seat.under_way` until each has ended. */
  swapSeats(input: SwapSeatsInput): Promise<void>;
  /** The platform cannot delete, so what exists and was never handed out is put on a task for an admin. */
  quarantineCodeGroup(input: QuarantineInput): Promise<{
    readonly quarantined: readonly string[];
    readonly isKept: boolean;
    /** Absent: Dealseat keeps no seats. */
    readonly accessLeft?: AccessLeftBehind;
  }>;
  /** Links of other groups stay. */
  clearRedeemLinks(input: ClearLinksInput): Promise<{ readonly isKept: boolean }>;
  removeRoster(input: RemoveRosterInput): Promise<{ readonly isKept: boolean }>;
}

/** What every step of a run is told beside its own input; absent: none. */
export interface Patience {
  /** How long a failure that may pass by itself is repeated before it is believed. */
  readonly patienceMs?: number;
  /** A person waits for the answer. */
  readonly isAttended?: true;
}

/** For whom it works: Temporal leaves the run's own fairness key out when it sends a step out with its turn. */
export interface OnBehalf {
  /** `TurnTaker.origin`; absent: nobody's in particular. */
  readonly origin?: string;
}

export interface PlanDealInput extends Patience {
  readonly deal: DealRef;
  readonly source: Source;
  /** Whose deal it must be for a reading that fails again and again to say so on it; absent: it says nothing. */
  readonly hold?: HoldInput;
  /** `Reading.hash` of the last reading, if nothing but a change of it matters: then the platform is not asked. */
  readonly seen?: string;
  /** `DealSummary.print` of the last reading, if a change in it is all that matters now: one call tells. */
  readonly print?: string;
  /** A dry run: nobody decides by it, so summaries of the platform do. */
  readonly isPreview?: true;
  /** How long groups of deals that were merged into this one are looked for; absent: one look is enough. */
  readonly lookUps?: LookUps;
  /** `Policy.closedLongAgoMs` of the run; by default that of a new one. */
  readonly closedLongAgoMs?: number;
}

/** The deal is what it was when it was read last. */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly changedAt: string;
  /** `DealSummary.action`. */
  readonly action?: SeenAction | null;
}

/** Begins every step that must not happen on a deal which somebody else works on. */
export interface HoldInput {
  /** Of the chain of executions: `Hold.run`. */
  readonly run: string;
  /** The hold field as the plan saw it; `NOT_READ` before the first reading. */
  readonly seen: string | null;
  /** `DealSummary.readIn`. */
  readonly readIn?: string;
  /** When the step was begun that proved the hold, in milliseconds since the epoch; absent: none has. */
  readonly provenAt?: number;
  readonly bounds: HoldBounds;
}

export interface UnderHold {
  readonly deal: DealRef;
  readonly hold: HoldInput;
}

/** `Policy.lookUpMinMs` and its neighbours; without the shortest one, nothing that was observed counts. */
export interface LookUps {
  readonly lookUpMinMs?: number;
  readonly lookUpMs: number;
  readonly lookUpIntervalMs: number;
}

export interface EnsureCodeGroupInput extends UnderHold, LookUps {
  readonly group: PlannedGroup;
  /** Chosen before: no other group is accepted for the token. */
  readonly pinnedGroupId: string | null;
  /** An earlier execution of this step may have made it, and could not say so. */
  readonly mayBeMade?: true;
  /** What to show on the deal together with a new hold; absent: what it shows may stay. */
  readonly start?: { readonly detail: string };
  /**
   * How long a group that was just made is left alone before its codes are looked at, at most: less once lists were seen to
   * be complete earlier. Absent: no look.
   */
  readonly firstLookMs?: number;
}

export interface HandOverInput extends UnderHold {
  readonly plan: Plan;
  /** One for each planned group, in the plan's order. */
  readonly groups: readonly EnsuredGroup[];
  /** The roster on the deal may have reached the buyer. */
  readonly isRosterOut: boolean;
}

export interface AttachRosterInput extends HandOverInput {
  /** Until when a list that is found short is waited for, in milliseconds since the epoch; absent: as long as others. */
  readonly listedByMs?: number;
}

export interface SendMessagesInput extends HandOverInput, Patience, LookUps {
  readonly roster: RosterReceipt;
  /** Noted on the deal before the first message. */
  readonly ledger: Ledger;
  /** Another run began to hand this over, so any message may be out. */
  readonly isResumed: boolean;
  /** Of earlier executions of this step. */
  readonly outcomes: MessageOutcomes;
  /** What a person found out about those in doubt. */
  readonly finding: MailFinding | null;
}

export interface WithdrawSeatsInput extends UnderHold {
  readonly withdrawal: Withdrawal;
}

export interface WriteRecordInput extends UnderHold {
  readonly write: RecordWrite;
}

/** Everything that Dealseat's fields on a deal are ever told, apart from a new hold. */
export type RecordWrite =
  /** Where the run stands. Not written when another run had the deal meanwhile. */
  | {
      readonly what: 'show';
      readonly status: RunStatus;
      readonly detail: string;
      /** A question that only an action set after it may answer: one that stands on the deal is cleared, and says so. */
      readonly clears?: { readonly known: SeenAction | null };
    }
  /**
   * Takes an action off the deal before it is carried out. Not written when it is not there: then it was taken before, or
   * people changed their mind.
   */
  | {
      readonly what: 'take';
      readonly action: string;
      /** Null: the deal goes on to show its status, and its detail below this one. */
      readonly status: RunStatus | null;
      readonly detail: string;
    }
  /** What is about to be handed over or taken away. Under the hold. */
  | { readonly what: 'note'; readonly status: RunStatus; readonly detail: string; readonly ledger: Ledger }
  /**
   * How it ended. Under the hold, and releases it. With facts, `Delivered` is written only if the roster is on the deal.
   */
  | {
      readonly what: 'mark';
      readonly status: RunStatus;
      readonly detail: string;
      /** Null: what was handed over stays as it is told. */
      readonly facts: RecordFacts | null;
      readonly ledger: Ledger;
    }
  /** A run that ends without a delivery. Not written when another run had the deal; releases the hold. */
  | {
      readonly what: 'end';
      readonly status: RunStatus;
      readonly detail: string;
      readonly facts: RecordFacts | null;
      /** Written into the ledger as it stands; absent: that stays. */
      readonly stopped?: Stop;
    };

export interface RecordFacts {
  readonly seatCount: number;
  readonly groupLabels: readonly string[];
  readonly groupIds: readonly string[];
  readonly rosterUrl: string | null;
}

export interface RecordReceipt {
  /** False: another run or deployment has the deal, so what it shows is for that one to say. */
  readonly isWritten: boolean;
}

export interface ConcludeDeliveryInput extends UnderHold {
  readonly write: Extract<RecordWrite, { what: 'mark' }>;
  readonly notice: OwnerNotice;
  /** `DealSummary.print` of the last reading; absent: it is too early to look once more. */
  readonly print?: string;
}

export interface Conclusion {
  /** False: the owner may not have been told. */
  readonly isTold: boolean;
  /** `Deal.changedAt`, if the deal was looked at after the mark and is as it was read. */
  readonly unchanged: Pick<Unchanged, 'changedAt'> | null;
}

export interface NotifyOwnerInput extends OwnerNotice {
  readonly deal: DealRef;
}

export interface OwnerNotice {
  readonly ownerId: string | null;
  /** Begins with its kind: see `NOTICE`. */
  readonly key: string;
  readonly subject: string;
  readonly text: string;
  readonly priority: 'high' | 'low';
  /** `DealSummary.readIn` of a reading that found nothing of ours on the deal; absent: something may be. */
  readonly untouchedIn?: string;
  /** Nothing that the roster's note does not say too. */
  readonly isSaidByRoster?: true;
}

/** Kinds of tasks: the beginning of their keys. */
export const NOTICE = {
  /** A run waits for somebody. */
  ask: 'ask-',
  /** A run failed. */
  ended: 'ended-',
  delivered: 'delivered-',
  /** Only an admin of the learning platform can do what these ask for. */
  unused: 'unused-',
  withdrawn: 'withdrawn-',
  merged: 'merged-',
  /** A code that was taken back is in use. */
  late: 'late-',
  /** Somebody may still have access by a seat that ended. */
  left: 'left-',
  /** Seats of a delivered deal are not in use. */
  nudge: 'nudge-',
} as const;

export interface SwapSeatsInput {
  readonly deal: DealRef;
  readonly pairs: Swap['pairs'];
  readonly questionId: string;
  /** Who decided it, and why. */
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch, the same for all attempts: they ask for one operation. */
  readonly askedAt: number;
  /** A person has just asked for it. Else what was refused before is not tried again until something happens to the seat. */
  readonly isAskedAnew: boolean;
}

export interface CloseNoticesInput {
  readonly deal: DealRef;
  readonly keys: readonly string[];
  readonly except?: string;
}

/** A group whose create has an unknown outcome is looked for; with a `lookUpMs` of 0 one look is enough. */
export interface QuarantineInput extends UnderHold, LookUps {
  readonly ownerId: string | null;
  readonly group: Pick<PlannedGroup, 'token' | 'label' | 'platform'>;
  /** Codes that it was made with; absent: not known. */
  readonly codeCount?: number;
  /** Of the group that is known to have been made, whether or not the platform's search knows it; null: of none. */
  readonly groupId: string | null;
}

export interface ClearLinksInput extends UnderHold {
  readonly contactIds: readonly string[];
  /** Whose links are taken back. */
  readonly groups: readonly LinkedGroup[];
}

export interface RemoveRosterInput extends UnderHold {
  readonly fileName: string;
}
