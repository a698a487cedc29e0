import { fixerOf, onDealOf, type Problem } from '../failure.ts';
import { countOf, withCure } from '../words.ts';
import { type AccessLeftBehind, accessLeftText } from './access-behind.ts';
import { dayInWords, withDaysInWords } from './days.ts';
import { sentence } from './sentences.ts';
import { unusedCodes } from './tasks.ts';
import { problemForAdmin, problemForSales } from './waiting.ts';

/** How far a run had come that ends without a delivery. */
export interface Stopped {
  readonly found: Problem;
  /** What was still asked when the time was over. */
  readonly open: readonly Problem[];
  /** ISO instant until which it was asked. */
  readonly until?: string | undefined;
  /** Codes may be with people, so nothing was undone. */
  readonly isHandedOut: boolean;
  /** An earlier run began to hand seats over, which is not finished. */
  readonly isUnfinished: boolean;
  /** What became of what was made, a sentence each. */
  readonly undone: readonly string[];
}

/** A run that failed, or was given up. */
export function failedText(stopped: Stopped): string {
  const { found, open } = stopped;
  const isExpired = found.code === 'run.attention_expired';
  return [
    ...(isExpired && open.length > 0 ? [...stillOpen(stopped)] : [whyStopped(found)]),
    ...whatBecame(stopped),
    isExpired ? 'Fix what is still open, then have the deal started again.' : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function stillOpen({ open, until }: Stopped): string[] {
  const when = until === undefined ? '' : ` by ${dayInWords(until)}`;
  const each = open.map((each) =>
    fixerOf(each.code) === 'sales' ? problemForSales(each) : sentence(`Held up: ${problemForAdmin(each)}`),
  );
  return [`Stopped: no one fixed this${when}. Still open:`, ...each.map((text) => `- ${text}`)];
}

function whyStopped(found: Problem): string {
  return fixerOf(found.code) === 'sales'
    ? `Stopped: ${problemForSales(found)}`
    : `${sentence(`Stopped: ${problemForAdmin(found)}`)} Ask your Dealseat administrator to look at it and to start the deal again.`;
}

function whatBecame({ isHandedOut, isUnfinished, undone }: Omit<Stopped, 'found' | 'open'>): string[] {
  return [
    ...(isHandedOut ? ['Codes may be with people already, so nothing was taken back.'] : []),
    ...(isUnfinished ? ['Seats that an earlier run began to hand over are still to be handed over.'] : []),
    ...undone,
  ];
}

export interface Cancelled extends Omit<Stopped, 'found' | 'open'> {
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The customer has seats of an earlier delivery. */
  readonly hasSeats: boolean;
  /** Codes were made and stay for the next start. */
  readonly areCodesLeft: boolean;
}

export function cancelledText({ by, reason, at, hasSeats, areCodesLeft, ...rest }: Cancelled): string {
  return [
    `Cancelled by ${by} on ${dayInWords(at)}: ${sentence(reason)}`,
    rest.isHandedOut || hasSeats || rest.isUnfinished ? '' : 'No seats were handed out.',
    hasSeats ? 'What was delivered before stays with the customer.' : '',
    ...whatBecame(rest),
    areCodesLeft ? onDealOf('run.cancelled') : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** Why nothing is made for a deal from which someone may expect seats. */
export function skippedText({ code, message, onDeal }: Problem): string {
  const what = sentence(withDaysInWords(onDeal ?? message));
  return code === 'deal.no_seats' || code === 'deal.not_won' || code === 'deal.merged'
    ? what
    : withCure(what, onDealOf(code));
}

/** A person decided about seats; the first line says what the customer has. */
export function decidedText(
  decided: {
    readonly verb: 'reject' | 'keep' | 'withdraw';
    readonly seatCount?: number;
    readonly by: string;
    readonly reason: string;
    readonly at: number;
    /** What a withdrawal left at the learning platform. */
    readonly accessLeft?: AccessLeftBehind;
  },
  delivered: string | null,
): string {
  return [...(delivered === null ? [] : [delivered]), decisionText(decided)].join('\n');
}

export function decisionText({
  verb,
  seatCount = 0,
  by,
  reason,
  at,
  accessLeft,
}: Parameters<typeof decidedText>[0]): string {
  const who = `by ${by} on ${dayInWords(at)}: ${sentence(reason)}`;
  switch (verb) {
    case 'reject':
      return `Rejected ${who}`;
    case 'keep':
      return `Seats that are no longer sold are left with the customer ${who}`;
    case 'withdraw':
      return `${countOf(seatCount, 'seat')} withdrawn ${who}${left(accessLeft)}`;
  }
}

function left(accessLeft: AccessLeftBehind | undefined): string {
  return accessLeft === undefined || accessLeft.count === 0 ? '' : `\n${accessLeftText(accessLeft)}`;
}

/** What became of one thing that was made, in a sentence for the deal. */
export function undoneText(
  what: 'group' | 'note' | 'roster' | 'links',
  {
    outcome,
    detail,
    codeCount = 0,
    accessLeft,
  }: {
    readonly outcome: 'undone' | 'nothing_to_undo' | 'quarantined' | 'kept' | 'failed';
    readonly detail: string;
    readonly codeCount?: number;
    /** Who got access by seats of the group. */
    readonly accessLeft?: AccessLeftBehind;
  },
): string {
  if (outcome === 'failed') return FAILED[what];
  if (outcome === 'kept') return what === 'note' ? '' : sentence(detail);
  if (what === 'group') {
    return outcome === 'nothing_to_undo'
      ? 'No codes were made.'
      : `${unusedCodes(codeCount)}${left(accessLeft)}`;
  }
  return UNDONE[what];
}

const UNDONE = {
  note: '',
  roster: 'The roster was taken off the deal.',
  links: 'The redeem links were taken off the contacts.',
} as const;

const FAILED = {
  note: 'What Dealseat noted on the deal could not be taken back. Ask your Dealseat administrator to look at it.',
  roster:
    'The roster could not be taken off the deal: do not hand it out. Ask your Dealseat administrator to look at it.',
  links:
    'The redeem links could not be taken off all contacts. Ask your Dealseat administrator to look at it.',
  group: 'Dealseat could not look for unused codes. Ask your Dealseat administrator to look at it.',
} as const;
