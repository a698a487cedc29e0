import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode, Problem } from '../domain/failure.ts';
import type { Answer, OpenQuestion, QuestionKind } from '../domain/planning/question.ts';
import type { RosterReceipt } from '../domain/seats/roster.ts';
import type { AccessLeftBehind } from '../domain/texts/access-behind.ts';
import type { HandOver } from './hand-over.ts';
import type { Lane } from './lane.ts';
import type { Made } from './made.ts';
import type { Policy } from './policy.ts';

/** Names that starters and workflows share. */
export const PROVISION_DEAL = 'provisionDeal';
export const PREVIEW_DEAL = 'previewDeal';

export type ProvisionDeal = (input: ProvisionInput) => Promise<ProvisionResult>;

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
  /** Name of the CRM whose event it was, or how else the run was asked for. */
  readonly by: string;
  /** Event id, partner name or user: for people, never a secret. */
  readonly detail: string;
}

/** Who asked for a deal, from who knows least of it to who knows most. */
export const SOURCES = ['sweep', 'event', 'person'] as const;

export type Source = (typeof SOURCES)[number];

export function sourceOf({ by }: Pick<Trigger, 'by'>): Source {
  if (by === 'sweep') return 'sweep';
  return by === 'manual' || by === 'cli' ? 'person' : 'event';
}

/** Whoever knows more of the deal. */
export function strongerSource(a: Source, b: Source): Source {
  return SOURCES.indexOf(a) >= SOURCES.indexOf(b) ? a : b;
}

export interface ProvisionInput {
  readonly deal: DealRef;
  readonly trigger: Trigger;
  /** Hash of a dry run; the run is skipped when the plan has another one by now. */
  readonly planHash: string | null;
  readonly policy: Policy;
  /** Absent: normal. */
  readonly lane?: Lane;
  /** Of its workers. In a replay the SDK names another one. */
  readonly taskQueue?: string;
  /** Of the execution that this one continues; absent in the first. */
  readonly carried?: Carried;
}

/** All that goes on when a run continues as new. Plain JSON. */
export interface Carried {
  readonly source: Source;
  /** What the pass before came to, which is the result if nothing is left to do. */
  readonly previous: ProvisionResult | null;
  readonly warnings: readonly string[];
  /** Work half done, of a run that starts afresh in the middle; absent: a new pass. */
  readonly work?: Work;
}

export interface Work {
  readonly made: readonly Made[];
  readonly handOver: HandOver;
  readonly answers: Readonly<Record<string, Answer>>;
  /** What was told since the last reading. */
  readonly news: Source | null;
  readonly retry: RetryRequest | null;
  readonly open: OpenQuestion | null;
  readonly progress: Progress;
  /** `Reading.hash` of the reading that led here. */
  readonly seen: string | null;
}

/** Names of the messages that a run understands. */
export const MESSAGES = {
  dealChanged: 'dealChanged',
  systemAnswers: 'systemAnswers',
  retry: 'retry',
  cancel: 'cancel',
  approve: 'approve',
  reject: 'reject',
  withdraw: 'withdraw',
  keep: 'keep',
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
  /** What people are asked; null while nobody is. */
  readonly question: AskedQuestion | null;
  readonly undone: readonly UndoReport[];
  /** What people have set on the deal and the run has carried out, oldest first; absent: nothing. */
  readonly actions?: readonly string[];
  /** Things that went wrong without stopping the run. */
  readonly warnings: readonly string[];
}

export interface AskedQuestion {
  /** An answer must name it: it belongs to this very question. */
  readonly id: string;
  readonly kind: QuestionKind;
  /** The updates that answer it. */
  readonly answers: readonly string[];
  /** ISO instants: since when it is asked, and when the run gives up. */
  readonly since: string;
  readonly until: string;
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
  /** The roster before could not be read, so codes of this one may be with somebody who left the deal. */
  readonly isSpareUnsure?: true;
  /** What people may still have by ended seats of the deal; absent: Dealseat keeps no seats. */
  readonly accessLeft?: AccessLeftBehind;
}

export interface WithdrawnGroup {
  readonly label: string;
  readonly groupId: string;
  readonly codeCount: number;
  /** How many of them were redeemed before. */
  readonly redeemedCount: number;
}

export interface UndoReport {
  readonly step: string;
  /** `kept`: it was handed out by another run meanwhile, so it is not this one's to undo. */
  readonly outcome: UndoOutcome;
  readonly detail: string;
  /** The same for those who work on the deal; empty: nothing that concerns them. */
  readonly onDeal: string;
}

export type UndoOutcome = 'undone' | 'nothing_to_undo' | 'quarantined' | 'kept' | 'failed';

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

/** Argument of the updates that answer a question. */
export interface Decision {
  /** Id of the question that is answered. */
  readonly question: string;
  /** Who answers. */
  readonly by: string;
  readonly reason: string;
}

/** Argument of `retry`: somebody has done what was asked for. */
export interface RetryRequest extends Decision {
  /** Only where a message is in doubt: what a person found out about it. */
  readonly mail?: MailFinding;
}

export type MailFinding = 'resend' | 'was_sent';

/** Argument of `cancel`. */
export interface CancelRequest {
  readonly by: string;
  readonly reason: string;
}
