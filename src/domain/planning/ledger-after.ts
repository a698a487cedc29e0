import type { HandedOver, Ledger, LedgerGroup, LedgerRoster } from '../deal/ledger.ts';
import type { EnsuredGroup } from '../seats/code-group.ts';
import type { MessageOutcomes } from '../seats/message-outcome.ts';
import type { RosterReceipt } from '../seats/roster.ts';
import type { DeliveredSeats, DeliveryAtHand } from '../texts/delivered.ts';
import { countOf, numberOf } from '../words.ts';
import type { Plan } from './plan.ts';

/**
 * The ledger from the moment in which people may get hold of what a plan hands over, so that nothing of it is ever
 * forgotten. `groups` stand for the plan's, in its order.
 */
export function notedLedger(plan: Plan, groups: readonly EnsuredGroup[]): Ledger {
  const made = plan.groups.flatMap((planned, index) => {
    const ensured = groups[index];
    if (planned.existing || ensured === undefined) return [];
    const { token, productKey: product, part, platform, redeemUrl, seatCount } = planned;
    const counts = { issued: seatCount, active: seatCount };
    return [
      { token, product, part, platform, group: ensured.groupId, redeemUrl, ...counts, isNew: true as const },
    ];
  });
  // Who buys more of a product has what was sold; the next reduction needs a decision of its own.
  const raised = new Set(made.map(({ product }) => product));
  const { stopped: _, ...base } = plan.base;
  const isSpareOut = plan.audience === 'learners' && !plan.isSpareKept;
  return {
    ...base,
    ...notedLearners(plan),
    ...(isSpareOut ? { isSpareOut: true } : {}),
    wonAt: plan.wonAt,
    audience: plan.audience,
    groups: [...withoutRetired(base, plan.retired ?? {}), ...made],
    settled: without(base.settled, raised),
    isPending: true,
  };
}

/** Codes that people may have seen and that others came for do not count as the customer's. */
export function withoutRetired(
  { groups }: Pick<Ledger, 'groups'>,
  retired: Readonly<Record<string, number>>,
): readonly LedgerGroup[] {
  return groups.map((group) => ({ ...group, active: group.active - (retired[group.token] ?? 0) }));
}

/** Of groups that are handed over for the first time any learner may have codes, of others those who came since. */
function notedLearners(plan: Plan): Pick<Ledger, 'learners' | 'pendingLearners'> {
  const { base, groups, learnerContactIds } = plan;
  const isFirst = groups.some(({ existing }) => existing?.isNew ?? true);
  const handedTo = isFirst ? learnerContactIds : newLearnersOf(plan);
  if (handedTo.length === 0) return {};
  const isAnew = base.isPending === true && base.pendingLearners === undefined;
  const before = isAnew ? base.learners : base.pendingLearners;
  const all = [...new Set([...(before ?? []), ...handedTo])];
  // What is handed over anew stays for everybody, so nobody's first hand-over is pending beside it.
  return isAnew ? { learners: all } : { pendingLearners: all };
}

/** The same once all of it is handed over. */
export function deliveredLedger(
  plan: Plan,
  groups: readonly EnsuredGroup[],
  roster: RosterReceipt,
  handedOver?: HandedOver,
): Ledger {
  const { isPending: _, pendingLearners: _new, ...noted } = notedLedger(plan, groups);
  const leaving = new Set(plan.leaving);
  const before = (plan.base.learners ?? []).filter((id) => !leaving.has(id));
  const learners = [...before, ...newLearnersOf(plan)];
  const { declined = {} } = noted;
  return {
    ...noted,
    ...(noted.declined === undefined ? {} : { declined: without(declined, new Set(learners)) }),
    ...(learners.length > 0 ? { learners } : {}),
    roster: ledgerRoster(roster),
    groups: noted.groups.map(({ isNew: _isNew, ...group }) => group),
    ...(handedOver === undefined ? {} : { handedOver }),
  };
}

/** Learners whom no hand-over before this one was finished for. */
export function newLearnersOf({ learnerContactIds, base }: Plan): string[] {
  const known = new Set(base.learners);
  return learnerContactIds.filter((id) => !known.has(id));
}

export function ledgerRoster({ fileName, codeCount, sha256 }: RosterReceipt): LedgerRoster {
  return { file: fileName, codes: codeCount, sha256 };
}

export function without<T>(
  entries: Readonly<Record<string, T>>,
  keys: ReadonlySet<string>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !keys.has(key)));
}

/** Codes that no learner has are in the roster for learners who come later. */
export function keepsSpare({ audience, roster, isSpareOut }: Ledger): boolean {
  return audience === 'learners' && !isSpareOut && (roster?.codes ?? 0) > 0;
}

/** A delivery that told no one anything new, as where a roster is put back, stays the one that it was. */
export function handedOverOf(
  { base, buyerContactId }: Plan,
  outcomes: MessageOutcomes,
  at: number,
): HandedOver {
  const told = Object.values(outcomes).filter(({ is }) => is === 'sent' || is === 'accepted');
  if (told.length === 0 && base.handedOver !== undefined) return base.handedOver;
  const by = told.length === 0 ? 'roster' : told.every(({ is }) => is === 'sent') ? 'sent' : 'accepted';
  return { at: new Date(at).toISOString(), to: buyerContactId, by };
}

/** What a plan says of its delivery beside the ledger. */
export function deliveryAtHand(plan: Plan): DeliveryAtHand {
  const products = new Map<string, DeliveredSeats>();
  for (const { productKey, title, seatCount, codesExpireOn } of plan.groups) {
    const before = products.get(productKey);
    products.set(productKey, {
      title,
      seatCount: seatCount + (before?.seatCount ?? 0),
      codesExpireOn: earliest(codesExpireOn, before?.codesExpireOn ?? null),
    });
  }
  return { companyName: plan.companyName, products: [...products.values()], news: whatIsNew(plan) };
}

function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function whatIsNew(plan: Plan): string | null {
  if (!plan.isAmendment) return null;
  if (plan.leaving !== undefined) {
    const retired = Object.values(plan.retired ?? {}).reduce((sum, count) => sum + count, 0);
    const more = plan.addedSeats - retired;
    const given = `given to ${countOf(newLearnersOf(plan).length, 'other learner')}`;
    return more > 0 ? `${given}, and ${numberOf(more)} of them new` : given;
  }
  if (plan.addedSeats > 0) return `${numberOf(plan.addedSeats)} of them new`;
  const { length } = newLearnersOf(plan);
  return length > 0 ? `handed to ${countOf(length, 'more learner')}` : null;
}
