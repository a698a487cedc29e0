import type { AccessLeftOutcome, LateObstacle } from '../seats/late-decision.ts';
import { countOf } from '../words.ts';
import { OBSTACLES } from './late-redemption.ts';
import { listed } from './sentences.ts';
import type { TaskText } from './tasks.ts';

/** More than people read. */
const MAX_NAMED = 20;

type Settled = readonly { readonly outcome: AccessLeftOutcome; readonly email: string | null }[];

/** The task of the owner: all that was looked at in one deal. */
export function accessLeftTask({
  dealName,
  settled,
}: {
  readonly dealName: string;
  readonly settled: Settled;
}): TaskText {
  const byOutcome = Map.groupBy(settled, ({ outcome }) => outcome);
  const isAsked = settled.some(({ outcome }) => isAskedAbout(outcome));
  return {
    subject: isAsked
      ? 'Dealseat: learners of ended seats may still have access'
      : 'Dealseat: the access of ended seats is settled',
    text: [
      dealName,
      `${countOf(settled.length, 'seat')} of this deal ended while in use.`,
      ...[...byOutcome].flatMap(([outcome, those]) => linesOf(outcome, those)),
      ...(isAsked
        ? [
            'Decide whether they keep the access, and tell your administrator of Dealseat. The access can stay, end, or count as one of the seats that are free.',
          ]
        : []),
    ].join('\n'),
  };
}

/** A person is. */
export function isAskedAbout(outcome: AccessLeftOutcome): boolean {
  return outcome !== 'revoked' && outcome !== 'allowed' && outcome !== 'gone';
}

function linesOf(outcome: AccessLeftOutcome, those: Settled): readonly string[] {
  const who = named(those);
  switch (outcome) {
    case 'revoked':
      return [`Dealseat ended the access of ${who}.`];
    case 'allowed':
      return [`These keep the access and have seats that were free: ${who}.`];
    case 'gone':
      return [`No access by these seats is left of ${who}.`];
    case 'asked':
      return [`These may still have access: ${who}.`];
    default:
      return [`These may still have access: ${who}.`, OBSTACLES[outcome satisfies LateObstacle]];
  }
}

function named(those: Settled): string {
  const known = those.flatMap(({ email }) => (email === null ? [] : email));
  const shown = known.slice(0, MAX_NAMED);
  const more = those.length - shown.length;
  return listed([
    ...shown,
    ...(more === 0 ? [] : [countOf(more, shown.length === 0 ? 'learner' : 'more learner')]),
  ]);
}
