import type { Ledger } from '../deal/ledger.ts';
import type { Problem } from '../failure.ts';
import type { Outage } from '../outage.ts';

/** `help`: something is to be put right. `approval`: more seats. `withdrawal`: fewer seats. */
export type QuestionKind = 'help' | 'approval' | 'withdrawal';

/** Of a question about seats; that of a question for help is shorter. */
export const QUESTION_ID_LENGTH = 12;

/** What a run asks people about a deal. Equal questions have equal ids, whoever asks and whenever. */
export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly problems: readonly Problem[];
  /** Subject of the task. */
  readonly subject: string;
  /** What the run shows that it waits for. */
  readonly step: string;
  /** What the ledger is to be when a person leaves the deal as it is; null: there is nothing to leave. */
  readonly ifLeft: Ledger | null;
  /** What a rejection comes to, for the deal; absent: that something was rejected says it. */
  readonly ifRejected?: string;
}

/** What a person said to a question. */
export interface Answer {
  readonly verb: 'approve' | 'reject' | 'withdraw' | 'keep';
  readonly by: string;
  readonly reason: string;
}

/** A question that is being asked. */
export interface OpenQuestion {
  readonly question: Question;
  /** Milliseconds since the epoch; being woken in vain gives no new deadline. */
  readonly since: number;
  /** The deal and its owner were told. */
  readonly isTold: boolean;
  /** The deal's own fields show it, so that an action on the deal may answer it. */
  readonly isShown?: boolean;
  /** Those who run Dealseat were alerted to what only they can fix. */
  readonly isAlerted?: true;
  /** A step failed for it, and what failed is tried again as often as the run looks at the deal by itself. */
  readonly mayMend?: true;
  /** A system is away, and the run goes on when it answers again. */
  readonly awaits?: Outage;
  /** The run has tried by itself again what failed. */
  readonly isTriedAgain?: true;
}

export const ANSWERS: Readonly<Record<QuestionKind, readonly string[]>> = {
  help: ['retry'],
  approval: ['approve', 'reject'],
  withdrawal: ['withdraw', 'keep'],
};
