import type { DealRef } from '../domain/deal/deal.ts';
import type { ClaimBounds } from '../domain/deal/hold.ts';
import type { Ledger } from '../domain/deal/ledger.ts';
import type { ClawBack, Plan, PlannedGroup, PlanOutcome } from '../domain/planning/plan.ts';
import type { EnsuredGroup } from '../domain/seats/code-group.ts';
import type { RosterReceipt } from '../domain/seats/roster.ts';
import type { MessageOutcomes } from './message-outcomes.ts';
import type { MessageReceipt, RunStatus, Teller, WithdrawalReceipt } from './run.ts';

/**
 * What the workflow may ask of the outside world. `activities/` implements it. Each is safe to run again after any
 * failure; the word before each says why (the table in `docs/guarantees.md` says how an unknown outcome is settled).
 * What makes or hands over codes begins by holding the deal's claim against other deployments.
 */
export interface ProvisioningActivities {
  /** Read. */
  planDeal(input: PlanDealInput): Promise<PlanOutcome>;
  /** Guarded create: looked up by token before, and patiently after an unknown outcome. */
  ensureCodeGroup(input: EnsureCodeGroupInput): Promise<EnsuredGroup>;
  /** Read, polled: fails with `lms.codes_not_listed` until the list is complete. */
  awaitCodes(input: { readonly group: EnsuredGroup }): Promise<void>;
  /** Overwrite: gives every learner the same codes again. */
  writeRedeemLinks(input: HandOverInput): Promise<void>;
  /** Guarded create: one file of this name and content on the deal. */
  attachRoster(input: HandOverInput): Promise<RosterReceipt>;
  /** Irreversible: made once by the tool's own key, or found again before it is repeated. */
  sendMessages(input: SendMessagesInput): Promise<MessageReceipt[]>;
  /** Overwrite and delete: takes the codes that do not remain from the roster, the learners and the list. */
  withdrawSeats(input: { readonly clawBack: ClawBack }): Promise<WithdrawalReceipt>;
  /** Overwrite; with `looksAgain` also a read. */
  writeDealStatus(input: DealStatusInput): Promise<DealStatusReceipt | undefined>;
  /** Read: another deployment works on the deal, or has done so since it was planned. */
  isClaimedElsewhere(input: ClaimedDeal): Promise<boolean>;
  /** Guarded create, by key. */
  notifyOwner(input: OwnerNoticeInput): Promise<void>;
  /** Undo of `ensureCodeGroup`: the platform cannot delete, so what exists is put on a task for an admin. */
  quarantineCodeGroup(input: QuarantineInput): Promise<{ readonly quarantined: readonly string[] }>;
  /** Undo of `writeRedeemLinks`: links of other groups stay. */
  clearRedeemLinks(input: ClearLinksInput): Promise<void>;
  /** Undo of `attachRoster`. */
  removeRoster(input: { readonly deal: DealRef; readonly fileName: string }): Promise<void>;
}

export interface PlanDealInput {
  readonly deal: DealRef;
  /** A deal that was won before Dealseat began is skipped, unless a person told of it. Absent: a person. */
  readonly toldBy?: Teller;
  /** More seats that a person rejected are asked about again. */
  readonly reconsiders?: boolean;
}

export interface ClaimedDeal {
  readonly deal: DealRef;
  /** The claim field as the plan saw it. */
  readonly seenClaim: string | null;
  readonly claim: ClaimBounds;
}

export interface EnsureCodeGroupInput extends ClaimedDeal {
  /** What to show on the deal together with a new claim; absent: what it shows may stay. */
  readonly start?: { readonly detail: string };
  readonly group: PlannedGroup;
  readonly settleMs: number;
  readonly settleIntervalMs: number;
}

export interface HandOverInput {
  readonly plan: Plan;
  /** One for each planned group, in the plan's order. */
  readonly groups: readonly EnsuredGroup[];
  readonly claim: ClaimBounds;
}

export interface SendMessagesInput extends HandOverInput {
  readonly roster: RosterReceipt;
  /** A person looked and found the message missing: send even if the CRM cannot tell. */
  readonly resend: boolean;
  /** Of earlier executions of this step in this run; its failures carry them as `messages` in their details. */
  readonly outcomes: MessageOutcomes;
  readonly settleMs: number;
  readonly settleIntervalMs: number;
}

export interface DealStatusInput {
  readonly deal: DealRef;
  readonly status: RunStatus;
  /** For people who look at the deal: what happened, or what to fix. */
  readonly detail: string;
  readonly seatCount?: number;
  readonly groupLabels?: readonly string[];
  readonly groupIds?: readonly string[];
  /** Null empties the field. */
  readonly rosterUrl?: string | null;
  readonly ledger?: Ledger;
  /** Write only while no other deployment works on the deal. */
  readonly underClaim?: Omit<ClaimedDeal, 'deal'>;
  /** Another deployment may have the deal from now on. */
  readonly releasesClaim?: true;
  /** Plan the deal once more after writing: what changed while the run was at work may be told by nobody. */
  readonly looksAgain?: true;
}

export interface DealStatusReceipt {
  /** The deal now asks for other seats than those that it was marked with. */
  readonly asksForMore: boolean;
}

export interface OwnerNoticeInput {
  readonly deal: DealRef;
  readonly ownerId: string | null;
  readonly key: string;
  readonly subject: string;
  readonly text: string;
}

export interface ClearLinksInput {
  readonly deal: DealRef;
  readonly contactIds: readonly string[];
  /** Whose links are taken back. */
  readonly groups: readonly LinkedGroup[];
}

export interface LinkedGroup extends Pick<EnsuredGroup, 'groupId' | 'label' | 'seatCount'> {
  readonly redeemUrl: string;
}

export interface QuarantineInput {
  readonly deal: DealRef;
  readonly ownerId: string | null;
  readonly group: Pick<PlannedGroup, 'token' | 'label'>;
  /** How long a group is looked for whose create has an unknown outcome; absent: one look is enough. */
  readonly settleMs?: number;
  readonly settleIntervalMs?: number;
}
