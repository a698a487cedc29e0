import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode, Problem } from '../domain/failure.ts';
import type { RosterReceipt } from '../domain/seats/roster.ts';
import type { Lane } from './lane.ts';
import type { Policy } from './policy.ts';

/** Names that starters and workflows share. */
export const PROVISION_DEAL = 'provisionDeal';
export const PREVIEW_DEAL = 'previewDeal';

export const RUN_STATUSES = [
  'Planning',
  'Provisioning',
  'AwaitingCodes',
  'HandingOver',
  'Delivered',
  'NeedsAttention',
  'Compensating',
  'Failed',
  'Skipped',
  'Cancelled',
] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** A run shows one of these when everything is written and it ends, unless its deal asks for more just then. */
export const FINAL_STATUSES: readonly RunStatus[] = ['Delivered', 'Failed', 'Skipped', 'Cancelled'];

export interface Trigger {
  readonly by: 'hubspot' | 'salesforce' | 'manual' | 'cli' | 'sweep';
  /** Event id, partner name or user: for people, never a secret. */
  readonly detail: string;
}

/** Who told of a deal, from who knows least of it to who knows most. */
export const TELLERS = ['sweep', 'event', 'person'] as const;

export type Teller = (typeof TELLERS)[number];

export function tellerOf({ by }: Trigger): Teller {
  if (by === 'sweep') return 'sweep';
  return by === 'manual' || by === 'cli' ? 'person' : 'event';
}

export interface ProvisionInput {
  readonly deal: DealRef;
  readonly trigger: Trigger;
  /** Hash of a dry run; the run is skipped when the plan has another one by now. */
  readonly planHash: string | null;
  readonly policy: Policy;
  /** Absent: normal. */
  readonly lane?: Lane;
  /** Carried over continue-as-new, as what follows: who has told of the deal. Absent: who started the run. */
  readonly toldBy?: Teller;
  /** The plan that a person already approved. */
  readonly approvedHash?: string;
  readonly waiting?: Waiting;
}

/** A run that waits for a person to fix something. */
export interface Waiting {
  /** The same for the same problems. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Names of the messages that a run understands. */
export const MESSAGES = {
  dealChanged: 'dealChanged',
  retry: 'retry',
  cancel: 'cancel',
  approve: 'approve',
  reject: 'reject',
  progress: 'progress',
} as const;

/** Answer of the `progress` query and of every update: all that a person needs to know of a run. */
export interface Progress {
  readonly status: RunStatus;
  /** What is being done, or what is waited for. */
  readonly step: string;
  readonly dealName: string | null;
  readonly dealUrl: string | null;
  readonly seatCount: number | null;
  readonly groups: readonly GroupProgress[];
  readonly roster: RosterReceipt | null;
  readonly messages: readonly MessageReceipt[];
  readonly problems: readonly Problem[];
  readonly awaitsApproval: boolean;
  readonly undone: readonly UndoReport[];
  /** Things that went wrong without stopping the run. */
  readonly warnings: readonly string[];
}

export interface GroupProgress {
  readonly label: string;
  readonly title: string;
  readonly seatCount: number;
  readonly groupId: string | null;
}

export interface MessageReceipt {
  readonly contactId: string;
  readonly audience: 'buyer' | 'learner';
  readonly state: 'sent' | 'accepted' | 'none';
  readonly reference: string | null;
}

export interface WithdrawalReceipt {
  /** The file with what remains; null when nothing does. */
  readonly roster: RosterReceipt | null;
  /** Groups with codes that only an admin of the learning platform can expire. */
  readonly groups: readonly WithdrawnGroup[];
  /** Learners whose links were taken from their contact. */
  readonly contactCount: number;
}

export interface WithdrawnGroup {
  readonly label: string;
  readonly groupId: string;
  readonly codeCount: number;
  /** How many of them were redeemed before: their access must be ended by hand. */
  readonly redeemedCount: number;
}

export interface UndoReport {
  readonly step: string;
  readonly outcome: 'undone' | 'nothing_to_undo' | 'quarantined' | 'failed';
  readonly detail: string;
}

/** What a run returns when it did not fail. */
export interface ProvisionResult {
  readonly status: 'Delivered' | 'Skipped' | 'Cancelled';
  readonly detail: string;
  readonly code: FailureCode | null;
  readonly seatCount: number | null;
  readonly groupLabels: readonly string[];
  readonly groupIds: readonly string[];
  readonly roster: RosterReceipt | null;
  readonly messages: readonly MessageReceipt[];
  readonly warnings: readonly string[];
}

/** Arguments of the updates. */
export interface RetryRequest {
  /** Who asks. */
  readonly by: string;
  /** Only for `crm.mail_unknown`: what a person found out about the message. */
  readonly mail?: 'resend' | 'was_sent';
}

export interface Decision {
  readonly by: string;
  readonly reason: string;
}
