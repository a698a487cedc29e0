import type { Grants, MailTool } from './catalog.ts';
import type { DealMark, DealRef } from './deal.ts';
import type { Problem } from './failure.ts';

/** What a run will do, decided before anything is done. Holds no codes and no e-mail addresses: it enters history. */
export interface Plan {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly companyName: string | null;
  readonly ownerId: string | null;
  readonly groups: readonly PlannedGroup[];
  readonly seatCount: number;
  readonly audience: 'buyer' | 'learners';
  readonly buyerContactId: string;
  /** Empty when the audience is the buyer. Sorted by contact id. */
  readonly learnerContactIds: readonly string[];
  readonly mailTool: MailTool;
  readonly messages: readonly PlannedMessage[];
  /** Ends in `.csv`; the same for every run of the deal. */
  readonly rosterFileName: string;
  readonly needsApproval: boolean;
  /** SHA-256 over everything above: equal hashes mean that neither deal nor catalog changed. */
  readonly hash: string;
}

export interface PlannedGroup {
  readonly token: string;
  readonly label: string;
  readonly productKey: string;
  readonly title: string;
  /** Counts from 1; above 1 only where a quantity was split. */
  readonly part: number;
  readonly seatCount: number;
  readonly codeLength: number;
  readonly client: string | null;
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  readonly accessUntil: string | null;
  readonly grants: Grants;
  readonly redeemUrl: string;
}

export interface PlannedMessage {
  readonly contactId: string;
  readonly audience: 'buyer' | 'learner';
  readonly sendKey: string;
}

export type PlanOutcome =
  | { readonly kind: 'ready'; readonly plan: Plan }
  /** People must fix these; all of them are listed at once. */
  | { readonly kind: 'blocked'; readonly deal: DealSummary; readonly problems: readonly Problem[] }
  | { readonly kind: 'skipped'; readonly deal: DealSummary; readonly reason: Problem }
  /** The deal carries the mark of an earlier delivery. */
  | { readonly kind: 'delivered'; readonly deal: DealSummary; readonly mark: DealMark };

/** What is known of a deal even when nothing can be planned for it. */
export interface DealSummary {
  readonly dealId: string;
  readonly name: string;
  readonly url: string;
  readonly ownerId: string | null;
  /** Status that an earlier run left on the deal, or null. */
  readonly markedStatus: string | null;
}
