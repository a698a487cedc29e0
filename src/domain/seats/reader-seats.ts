import type { MailKind } from '../deal/mail-policy.ts';
import type { Plan, PlannedGroup, PlannedMessage } from '../planning/plan.ts';
import type { Seat, SeatedGroup } from './seat.ts';

/** Seats of one group that are one reader's. */
export interface ReaderSeats {
  readonly group: PlannedGroup;
  readonly seatCount: number;
}

export function mailKindOf(
  { mailTool }: Pick<Plan, 'mailTool'>,
  { audience }: Pick<PlannedMessage, 'audience'>,
): MailKind {
  if (audience === 'learner') return 'learner';
  return mailTool.traits.carriesLinks ? 'buyerLinks' : 'buyerFile';
}

/** What every learner has at least. */
export function oneOfEachProduct(groups: readonly PlannedGroup[]): ReaderSeats[] {
  const first = new Map<string, PlannedGroup>();
  for (const group of groups) if (!first.has(group.productKey)) first.set(group.productKey, group);
  return [...first.values()].map((group) => ({ group, seatCount: 1 }));
}

/** What is left for the buyer when each of so many learners has one of each product; with none of them, all. */
export function leftForBuyer(groups: readonly PlannedGroup[], learnerCount: number): ReaderSeats[] {
  const given = new Set(oneOfEachProduct(groups).map(({ group }) => group.token));
  return groups.map((group) => ({
    group,
    seatCount: Math.max(0, group.seatCount - (given.has(group.token) ? learnerCount : 0)),
  }));
}

/** `counts` by token; a group that it does not have has no seat of the reader. */
export function countedSeats(
  groups: readonly PlannedGroup[],
  counts: Readonly<Record<string, number>>,
): ReaderSeats[] {
  return groups.map((group) => ({ group, seatCount: counts[group.token] ?? 0 }));
}

/** The seats that these codes are, in the groups that they are of. */
export function seatsAmong(groups: readonly SeatedGroup[], seats: readonly Seat[]): SeatedGroup[] {
  const codes = new Set(seats.map(({ code }) => code));
  return groups
    .map(({ group, seats: all }) => ({ group, seats: all.filter(({ code }) => codes.has(code)) }))
    .filter(({ seats: found }) => found.length > 0);
}

/** By token. */
export function countsOf(groups: readonly SeatedGroup[]): Record<string, number> {
  return Object.fromEntries(groups.map(({ group, seats }) => [group.token, seats.length]));
}
