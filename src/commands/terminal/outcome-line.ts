import type { Outcome } from '../../contracts/outcomes.ts';
import type { WaitsFor } from '../../contracts/waits-for.ts';
import { countOf } from '../../domain/words.ts';
import { redactText } from '../../observability/redaction.ts';
import { durationOf } from './duration.ts';
import { type Look, Painted } from './look.ts';
import { fitTo, widthOf } from './text-width.ts';

const NEEDS: Readonly<Record<WaitsFor, string>> = {
  sales: 'needs sales',
  admin: 'needs an admin',
  approval: 'waits for approval',
  withdrawal: 'waits for a decision about fewer seats',
  deployment: 'waits for another deployment',
  codes: 'waits for codes',
};

/** What a deal has come to, in words: `needs sales: 3 things`, `Delivered  25 seats  0.7 s`. */
export function outcomeWords(outcome: Outcome): string {
  const { status, waitsFor, problemCount, message, seats, durationMs, isUnchanged } = outcome;
  if (status === 'NeedsAttention') {
    const needs = waitsFor === null ? status : NEEDS[waitsFor];
    return `${needs}: ${problemCount > 1 ? countOf(problemCount, 'thing') : message}`;
  }
  if (status !== 'Delivered') return `${status}: ${message}`;
  const delivered = [status, ...(seats === null ? [] : [countOf(seats, 'seat')])];
  return [...delivered, isUnchanged ? 'before, nothing to do' : durationOf(durationMs)].join('  ');
}

/** One line for a person who watches, no wider than the terminal. */
export function outcomeLine(
  outcome: Outcome,
  { look, at, columns }: { readonly look: Look; readonly at: Date; readonly columns: number },
): Painted {
  const { status, crm, dealId, dealName, isUnchanged } = outcome;
  const { mark, style } = isUnchanged ? QUIET : (MARKS[status] ?? QUIET);
  const next = ASKS_FOR_A_LOOK.has(status) ? `  → dealseat status ${crm} ${dealId}` : '';
  const time = at.toTimeString().slice(0, TIME_LENGTH);
  const room = columns - widthOf(`${mark} ${time}    ${next}`);
  const full = oneLine(redactText(outcomeWords(outcome)));
  // The beginning of a sentence tells less than the number of things; the command shows them.
  const said =
    next !== '' && room - SHORTEST_NAME < Math.min(widthOf(full), LEGIBLE) ? counted(outcome) : full;
  const name = fitTo(oneLine(dealName ?? `${crm} ${dealId}`), Math.max(SHORTEST_NAME, room - widthOf(said)));
  const words = fitTo(said, Math.max(widthOf(counted(outcome)), room - widthOf(name)));
  return Painted.join([
    look.style(style, mark),
    ' ',
    look.style('dim', time),
    '  ',
    isUnchanged ? look.style('dim', name) : look.style('bold', name),
    '  ',
    look.style(style, words),
    look.style('dim', next),
    '\n',
  ]);
}

const SHORTEST_NAME = 6;
/** Columns in which a sentence begins to say something. */
const LEGIBLE = 50;

function counted({ status, waitsFor, problemCount }: Outcome): string {
  if (waitsFor === null) return status;
  return `${NEEDS[waitsFor]}: ${countOf(problemCount, 'thing')}`;
}

const TIME_LENGTH = 'HH:MM:SS'.length;

const QUIET = { mark: '–', style: 'dim' } as const;

const MARKS: Readonly<
  Partial<Record<Outcome['status'], { mark: string; style: 'green' | 'yellow' | 'red' }>>
> = {
  Delivered: { mark: '✔', style: 'green' },
  NeedsAttention: { mark: '!', style: 'yellow' },
  Failed: { mark: '✖', style: 'red' },
  Cancelled: { mark: '–', style: 'yellow' },
};

const ASKS_FOR_A_LOOK: ReadonlySet<Outcome['status']> = new Set(['NeedsAttention', 'Failed']);

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\t]\s*/g, ' ').trim();
}
