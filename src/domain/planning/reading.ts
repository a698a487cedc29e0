import type { SwapInUseRule } from '../deal/catalog.ts';
import type { Ledger } from '../deal/ledger.ts';
import type { Problem } from '../failure.ts';
import type { DealSummary, Plan, Withdrawal } from './plan.ts';
import type { Question } from './question.ts';

/** What one reading of a deal asks for. */
export type Reading = Nothing | Merged | Blocked | Same | More | Fewer | Swapping;

interface Read {
  readonly deal: DealSummary;
  /** Equal hashes: neither the deal nor the catalog changed in anything that a plan depends on. */
  readonly hash: string;
}

/** Whether two readings found the same deal, whoever asked for it and whatever a run wrote on it in between. */
export function isSameDeal(hash: string, other: string): boolean {
  return hash.split('.')[0] === other.split('.')[0];
}

/** Nothing is to be done, and nothing is with the customer. */
export interface Nothing extends Read {
  readonly kind: 'nothing';
  readonly reason: Problem;
}

/** The deal lives on in another one, which has a run of its own. */
export interface Merged extends Read {
  readonly kind: 'merged';
  readonly reason: Problem;
  /** Why nothing is provisioned for the surviving deal; null where that may be. */
  readonly leftAlone: Problem | null;
}

/** People must fix these; all of them are listed at once. */
export interface Blocked extends Read {
  readonly kind: 'blocked';
  readonly problems: readonly Problem[];
}

/** What was delivered is what is sold, or what a person left as it is. */
export interface Same extends Read {
  readonly kind: 'same';
  readonly delivered: {
    readonly seatCount: number | null;
    readonly groupLabels: readonly string[];
    readonly groupIds: readonly string[];
    /** By product key, of what is sold now; absent where the deal has no ledger. */
    readonly titles?: Readonly<Record<string, string>>;
  };
  /** Null where the deal has none. */
  readonly ledger: Ledger | null;
  /** The ledger notes decisions about numbers that are not sold any more: `ledger` is without them. */
  readonly isSettledAnew: boolean;
}

/** Seats are to be made or handed over. */
export interface More extends Read {
  readonly kind: 'more';
  readonly plan: Plan;
  /** Null: nobody needs to agree. */
  readonly question: Question | null;
}

/** More was delivered than is sold: people decide. */
export interface Fewer extends Read {
  readonly kind: 'fewer';
  readonly withdrawal: Withdrawal;
  readonly question: Question;
}

/** Seats of learners who left the deal are to go to others, and only an operation can do that. */
export interface Swapping extends Read {
  readonly kind: 'swapping';
  readonly swap: Swap;
  readonly question: Question;
}

export interface Swap {
  /** Contacts of the CRM: who leaves each seat, and who is to get the next one. */
  readonly pairs: readonly { readonly seatId: string; readonly from: string; readonly to: string }[];
  /** Where none of the seats is in use, nobody is asked. */
  readonly rule: SwapInUseRule;
}
