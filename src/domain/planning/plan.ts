import type { SeenAction } from '../deal/action.ts';
import type { Grants } from '../deal/catalog.ts';
import type { DealRef } from '../deal/deal.ts';
import type { Audience, Ledger } from '../deal/ledger.ts';
import type { MailTool } from '../deal/mail-tool.ts';
import type { Problem } from '../failure.ts';

/** What a run will do, decided before anything is done. Holds no codes and no e-mail addresses: it enters history. */
export interface Plan {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly companyName: string | null;
  /** Public name of the customer that the catalog has; absent: the company's. */
  readonly displayName?: string;
  readonly ownerId: string | null;
  /** All that the customer will have: groups that the ledger names, and the ones to be made. */
  readonly groups: readonly PlannedGroup[];
  readonly seatCount: number;
  /** Seats of the groups to be made. */
  readonly addedSeats: number;
  /** Names what is handed over: groups and their seats, and the learners. */
  readonly revision: string;
  /** People hold seats of an earlier delivery. */
  readonly isAmendment: boolean;
  /** The ledger that this changes. */
  readonly base: Ledger;
  /** The ledger of the deal notes that a person left these seats out; it is written anew before they are made. */
  readonly isReconsidered: boolean;
  readonly wonAt: string | null;
  readonly audience: Audience;
  readonly buyerContactId: string;
  /**
   * Who gets codes, or keeps them. Empty when the audience is the buyer; of a hand-over to learners who came after the
   * delivery those alone. Sorted by contact id.
   */
  readonly learnerContactIds: readonly string[];
  /** Contacts whose seats end, because others came to the deal in their place; sorted. Absent: none. */
  readonly leaving?: readonly string[];
  /** How many codes of each existing group are retired for that, by its token. */
  readonly retired?: Readonly<Record<string, number>>;
  /** Codes that no learner has are kept for learners who come later; else they are the buyer's. */
  readonly isSpareKept: boolean;
  readonly mailTool: MailTool;
  readonly messages: readonly PlannedMessage[];
  /** Ends in `-<token of the deal>.csv`; the same for every run of the deal. */
  readonly rosterFileName: string;
  /** The roster goes with a workbook of the same seats. */
  readonly hasWorkbook?: true;
  /** SHA-256 over everything above: equal hashes mean that neither deal nor catalog changed. */
  readonly hash: string;
  /** Not part of the hash. */
  readonly carriers: PossibleCarriers;
  /** Tokens of the rosters of deals that were merged into this one: this one may take their place. Not part of the hash. */
  readonly supersededRosters: readonly string[];
}

export interface PlannedGroup {
  readonly token: string;
  /** Name of the learning platform that holds it. */
  readonly platform: string;
  readonly label: string;
  readonly productKey: string;
  readonly title: string;
  /** Counts from 1; above 1 where a quantity was split or raised after the delivery. */
  readonly part: number;
  /** Seats that the customer may use: fewer than `issuedCount` where some were withdrawn. */
  readonly seatCount: number;
  readonly codeLength: number;
  readonly client: string | null;
  /** Instant, and the last day on which they work, for people. */
  readonly codesExpireAt: string | null;
  readonly codesExpireOn: string | null;
  readonly accessDays: number | null;
  readonly accessUntil: string | null;
  /** The last day of access, for people. */
  readonly accessEndsOn: string | null;
  readonly grants: Grants;
  readonly redeemUrl: string;
  /** Present when it exists already and is only read. */
  readonly existing?: ExistingGroup;
}

export interface ExistingGroup {
  readonly groupId: string;
  readonly issuedCount: number;
  /** Its first hand-over has not been finished, so whoever has no code yet may get one of it. */
  readonly isNew: boolean;
}

/** Ids of everyone who may carry a link of the deal, each list sorted. */
export interface PossibleCarriers {
  /** Its contacts, as far as the CRM showed them. */
  readonly present: readonly string[];
  /** Who was handed codes and left it. */
  readonly former: readonly string[];
  /** Contacts that were merged into contacts of the deal: who each of them is now. */
  readonly merged?: Readonly<Record<string, string>>;
  /** Deals that were merged into this one. */
  readonly mergedDealIds?: readonly string[];
}

export interface PlannedMessage {
  readonly contactId: string;
  readonly audience: 'buyer' | 'learner';
  readonly sendKey: string;
}

/** Seats that were delivered and are not sold any more. The platform cannot take codes back, so people decide. */
export interface Withdrawal {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly companyName: string | null;
  readonly ownerId: string | null;
  readonly audience: Audience;
  /** As of a plan. */
  readonly isSpareKept: boolean;
  readonly mailTool: MailTool;
  readonly buyerContactId: string | null;
  readonly carriers: PossibleCarriers;
  readonly rosterFileName: string;
  /** As of a plan. */
  readonly hasWorkbook?: true;
  /** Lists the codes to be expired; one for each withdrawal. Ends in another token than the roster. */
  readonly withdrawnFileName: string;
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
  readonly wonAt: string | null;
  /** `writtenAtOf`. */
  readonly writtenAt: string | null;
  /** The hold field as it stood: `HoldInput.seen`. */
  readonly hold: string | null;
  /**
   * Execution of the workflow that made this reading. A deployment has one open execution a deal, so as long as it is
   * that one, no other run of the deployment has worked on the deal since.
   */
  readonly readIn?: string;
  /** `Deal.print`. */
  readonly print?: string;
  /** What people have set to be done; absent in a CRM without such a field. */
  readonly action?: SeenAction | null;
  /** ISO instant of the record's last change that this knows of, by the CRM's clock. */
  readonly changedAt: string;
}
