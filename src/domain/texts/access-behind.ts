import type { LateRedemptionRule } from '../deal/catalog.ts';
import { countOf } from '../words.ts';

/** What a withdrawal left at the learning platform. */
export interface AccessLeftBehind {
  /** Ended seats of which somebody may still have access. */
  readonly count: number;
  /** How many of these had a code. */
  readonly byCode: number;
  readonly rule: LateRedemptionRule;
}

/** For the deal, when the seats have just ended; '': no access is left. */
export function accessLeftText({ count, rule }: Pick<AccessLeftBehind, 'count' | 'rule'>): string {
  if (count === 0) return '';
  const who = `${countOf(count, 'learner')} of ended seats may still have access.`;
  switch (rule) {
    case 'ask':
      return `${who} A task for the owner will ask what becomes of it.`;
    case 'revoke':
      return `${who} Dealseat ends it, and a task for the owner will say what came of that.`;
    case 'allow':
      return `${who} Dealseat counts free seats for them, and a task for the owner will say what came of that.`;
  }
}
