import type { Grants, MailTool } from '../deal/catalog.ts';
import type { DealMark, DealRef } from '../deal/deal.ts';
import type { Ledger } from '../deal/ledger.ts';
import type { Problem } from '../failure.ts';

/** What a run will do, decided before anything is done. Holds no codes and no e-mail addresses: it enters history. */
export interface Plan {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly companyName: string | null;
  readonly ownerId: string | null;
  /** All that the customer will have: groups of earlier deliveries first made, and the ones to be made. */
  readonly groups: readonly PlannedGroup[];
  readonly seatCount: number;
  /** Seats of the groups to be made. */
  readonly addedSeats: number;
  /** Names this state of an amended deal; null for its first delivery. */
  readonly revision: string | null;
  /** What was delivered before. */
  readonly base: Ledger;
  readonly wonAt: string | null;
  /** Other products were delivered with more seats than are sold now: looked at once this is delivered. */
  readonly isClawBackDue: boolean;
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
  /** Everyone on the deal: any of them may carry a link. Sorted; not part of the hash. */
  readonly contactIds: readonly string[];
  /** Tokens of the rosters of deals that were merged into this one: this one may take their place. Not part of the hash. */
  readonly supersededRosters: readonly string[];
  /** The deal's claim field when the deal was read. Not part of the hash. */
  readonly seenClaim: string | null;
}

export interface PlannedGroup {
  readonly token: string;
  readonly label: string;
  readonly productKey: string;
  readonly title: string;
  /** Counts from 1; above 1 where a quantity was split or raised after the delivery. */
  readonly part: number;
  readonly seatCount: number;
  readonly codeLength: number;
  readonly client: string | null;
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  readonly accessUntil: string | null;
  readonly grants: Grants;
  readonly redeemUrl: string;
  /** Present when an earlier delivery made it: it is only read. `seatCount` may be lower than `issuedCount`. */
  readonly delivered?: { readonly groupId: string; readonly issuedCount: number };
}

export interface PlannedMessage {
  readonly contactId: string;
  readonly audience: 'buyer' | 'learner';
  readonly sendKey: string;
}

export type PlanOutcome =
  | { readonly kind: 'ready'; readonly deal: DealSummary; readonly plan: Plan }
  /** People must fix these; all of them are listed at once. */
  | { readonly kind: 'blocked'; readonly deal: DealSummary; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'skipped';
      readonly deal: DealSummary;
      readonly reason: Problem;
      /** Why nothing is provisioned for the deal that this one was merged into; absent where that may be. */
      readonly leftAlone?: Problem;
    }
  | DeliveredOutcome
  /** More was delivered than is sold: people decide. */
  | { readonly kind: 'clawBack'; readonly deal: DealSummary; readonly clawBack: ClawBack };

/** What was delivered is what is sold, or all that a person would have made of it: nothing to do. */
export interface DeliveredOutcome {
  readonly kind: 'delivered';
  readonly deal: DealSummary;
  readonly mark: DealMark;
  /** A rejection that the ledger notes is over: what the ledger is to be, and the claim field as `Plan` has it. */
  readonly forgetting?: { readonly ledger: Ledger; readonly seenClaim: string | null };
}

/** Seats that were delivered and are not sold any more. The platform cannot take codes back, so people decide. */
export interface ClawBack {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly ownerId: string | null;
  readonly audience: 'buyer' | 'learners';
  readonly mailTool: MailTool;
  readonly buyerContactId: string | null;
  /** Everyone on the deal: any of them may carry a link. Sorted. */
  readonly contactIds: readonly string[];
  readonly rosterFileName: string;
  readonly problems: readonly Problem[];
  /** Every active group of the deal with the seats that would remain, which may be none. */
  readonly groups: readonly PlannedGroup[];
  /** Seats that would be withdrawn. */
  readonly withdrawnSeats: number;
  /** What the deal's ledger is from the first taking back to the last. */
  readonly ifInterrupted: Ledger;
  /** What it becomes when a person withdraws the seats, or leaves them with the customer. */
  readonly ifWithdrawn: Ledger;
  readonly ifKept: Ledger;
  /** Equal hashes ask for the same decision; redemptions since do not change it. */
  readonly hash: string;
}

/** What is known of a deal even when nothing can be planned for it. */
export interface DealSummary {
  readonly dealId: string;
  readonly name: string;
  readonly url: string;
  readonly ownerId: string | null;
  /** Status that an earlier run left on the deal, or null. */
  readonly markedStatus: string | null;
  /** The customer has seats of it from an earlier delivery. */
  readonly hasSeats: boolean;
  /** Its ledger notes seats that a run began to hand over and did not hand over to the end. */
  readonly isUnfinished: boolean;
  /** Its ledger notes more seats that a person would not have made. */
  readonly hasRejection: boolean;
}
