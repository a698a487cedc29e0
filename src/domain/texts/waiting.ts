import { type FailureCode, fixerOf, onDealOf, type Problem } from '../failure.ts';
import type { QuestionKind } from '../planning/question.ts';
import { countOf, withCure } from '../words.ts';
import { dayInWords, momentInWords, withDaysInWords } from './days.ts';
import { points, sentence } from './sentences.ts';

/** What is known of a deal that waits. */
export interface Waiting {
  readonly kind: QuestionKind;
  readonly problems: readonly Problem[];
  /** Milliseconds since the epoch: since when it waits, and when Dealseat gives up. */
  readonly since: number;
  readonly until: number;
  /** Those who run Dealseat were alerted to what only they can fix. */
  readonly isAlerted: boolean;
  /** Codes of the deal that no one holds yet; null: people may hold some. */
  readonly codesMade: number | null;
}

/** The detail of a deal that waits, in the words of those who work on it. */
export function waitingText(waiting: Waiting): string {
  const { problems } = waiting;
  const forSales = problems.filter(({ code }) => fixerOf(code) === 'sales');
  const forAdmin = problems.filter(({ code }) => fixerOf(code) === 'admin');
  return [
    ...points(forSales.map(problemForSales)),
    ...(forAdmin.length === 0 ? [] : heldUp(forAdmin, waiting)),
    whatIsMade(waiting),
    whatNext(waiting, { isForSales: forSales.length > 0 }),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** What happened, and the next step. */
export function problemForSales({ code, message, onDeal }: Problem): string {
  const next = onDealOf(code);
  const what = withDaysInWords(onDeal ?? message);
  return next === '' ? sentence(what) : withCure(what, next);
}

/** What only those who run Dealseat can fix, without anything that only they understand. */
export function problemForAdmin({ code, onDeal }: Pick<Problem, 'code' | 'onDeal'>): string {
  return onDeal ?? onDealOf(code);
}

/** Ends the task of an owner where no one could alert those who run Dealseat: the words that the owner passes on. */
export function forAdministrator(problems: readonly Problem[]): string[] {
  return problems
    .filter(({ code }) => fixerOf(code) === 'admin')
    .map(({ code, message }) => sentence(`For your administrator (${code}): ${message}`));
}

function heldUp(problems: readonly Problem[], { isAlerted, since }: Waiting): string[] {
  const causes = [...new Set(problems.map(problemForAdmin))];
  const [first = ''] = causes;
  const said =
    causes.length === 1 ? [sentence(`Held up: ${first}`)] : ['Held up:', ...points(causes.map(sentence))];
  const who = isAlerted
    ? `Your Dealseat administrator has been informed on ${momentInWords(since)}; there is nothing you must do.`
    : 'Ask your Dealseat administrator to look at it.';
  return [...said, who];
}

function whatIsMade({ kind, codesMade }: Waiting): string {
  if (kind !== 'help' || codesMade === null) return '';
  if (codesMade === 0) return 'Nothing has been made yet.';
  return codesMade === 1
    ? 'Your code is made and safe.'
    : `Your ${countOf(codesMade, 'code')} are made and safe.`;
}

function whatNext(
  { kind, problems, until }: Waiting,
  { isForSales }: { readonly isForSales: boolean },
): string {
  const day = dayInWords(until);
  switch (kind) {
    case 'approval':
      return `Dealseat waits for an answer until ${day}. Without one it stops, and nothing more is made.`;
    case 'withdrawal':
      return `Dealseat waits for an answer until ${day}. Without one it stops, and the customer keeps the seats.`;
    case 'help':
      if (problems.some(({ code }) => code === 'crm.mail_unknown'))
        return `Dealseat waits for an answer until ${day}. Without one it stops.`;
      return isForSales
        ? `Dealseat goes on by itself when the deal changes, and looks every hour. It stops on ${day}.`
        : `Dealseat goes on by itself once this is fixed. It stops on ${day}.`;
  }
}

/** A step fails and is repeated. `said`: by which the text is found again. */
export function repeatsText({
  at,
  said,
  code,
}: {
  readonly at: number;
  readonly said: string;
  readonly code: FailureCode;
}): string {
  const why = fixerOf(code) === 'admin' ? `: ${problemForAdmin({ code })}` : '';
  return `${momentInWords(at)}: ${said} and keeps trying${why}. There is nothing you must do unless this lasts.`;
}
