import type { OutboxMail } from '../../sandbox/outbox.ts';
import type { WonDeal } from './won-deals.ts';

/** What the stand-ins hold after a row, against what was sold. */
export interface Tally {
  readonly groups: number;
  /** Code groups beyond the one that each deal is sold. */
  readonly groupsTooMany: number;
  /** Mails to a buyer beyond the first. */
  readonly mailsTooMany: number;
  /** Deals whose buyer got no mail. */
  readonly notMailed: number;
}

/**
 * A receiver names its groups as it likes, so a group belongs to the deals that sold as many seats. Of several deals
 * with one number, one that got no group may hide that another got two; up to 25 deals have each their own.
 */
export function tally(
  deals: readonly WonDeal[],
  groups: readonly { readonly totalCodesCount: number }[],
  mails: readonly Pick<OutboxMail, 'to'>[],
): Tally {
  const sold = Map.groupBy(deals, ({ seats }) => seats);
  const made = Map.groupBy(groups, ({ totalCodesCount }) => totalCodesCount);
  const groupsTooMany = [...made].map(([seats, own]) =>
    Math.max(0, own.length - (sold.get(seats)?.length ?? 0)),
  );
  const mailsOf = deals.map(({ buyer }) => mails.filter(({ to }) => to === buyer).length);
  return {
    groups: groups.length,
    groupsTooMany: sumOf(groupsTooMany),
    mailsTooMany: sumOf(mailsOf.map((count) => Math.max(0, count - 1))),
    notMailed: mailsOf.filter((count) => count === 0).length,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
