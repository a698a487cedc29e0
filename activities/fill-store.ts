import type { HandOverInput } from '../src/contracts/activities.ts';
import type { Contact } from '../src/domain/deal/deal.ts';
import type { Plan, PlannedGroup } from '../src/domain/planning/plan.ts';
import type { Seat, SeatedGroup } from '../src/domain/seats/seat.ts';
import { DEALSEAT } from '../src/domain/seats/seat-state.ts';
import { personName } from '../src/domain/texts/contacts.ts';
import {
  type FilledCode,
  type FilledGroup,
  type FilledLearner,
  fillGroup,
  type OrderFacts,
  upsertOrder,
} from '../src/store/fill-order.ts';
import { inTransaction } from '../src/store/transaction.ts';
import type { AllottedDeal } from './allotment.ts';
import type { ActivityDeps } from './deps.ts';

/**
 * Writes into the seat store who has which code, before any of them reaches the CRM: nothing is handed out without its
 * record. All or nothing, and a repeat changes nothing.
 */
export async function fillStore(
  { seats: store, now }: Pick<ActivityDeps, 'seats' | 'now'>,
  { plan, groups: ensured }: HandOverInput,
  allotted: AllottedDeal,
): Promise<void> {
  if (store === undefined) return;
  const happening = { actor: DEALSEAT, reason: 'delivered', at: new Date(now()) };
  const describe = describer(plan, allotted);
  await inTransaction(store.db, async (trx) => {
    const order = await upsertOrder(trx, factsOf(plan), happening.at);
    for (const [index, { group, seats }] of allotted.groups.entries()) {
      const filled = filledGroup(group, ensured[index]?.groupId ?? '');
      await fillGroup(trx, store.vault, order, filled, describe(seats), happening);
    }
  });
}

function factsOf({
  deal,
  dealName,
  dealUrl,
  companyName,
  ownerId,
  buyerContactId,
  audience,
}: Plan): OrderFacts {
  return { deal, dealName, dealUrl, companyName, ownerId, buyerContactId, audience };
}

function filledGroup(
  { existing, seatCount, codeLength: _, codesExpireOn: _on, accessEndsOn: _ends, ...group }: PlannedGroup,
  groupId: string,
): FilledGroup {
  return { ...group, groupId, issued: existing?.issuedCount ?? seatCount };
}

/** One at a time: a second copy of ten thousand codes would be memory for nothing. */
function describer(
  { audience, isSpareKept, learnerContactIds, base }: Plan,
  { held, spare, people }: AllottedDeal,
): (seats: readonly Seat[]) => Iterable<FilledCode> {
  if (audience === 'buyer') return (seats) => eachOf(seats, () => ({ isHandedOut: true, learner: null }));
  const holderOf = new Map<Seat, string>();
  for (const [contactId, seats] of held) for (const seat of seats) holderOf.set(seat, contactId);
  const kept = new Set(isSpareKept ? spare.flatMap(({ seats }) => seats) : []);
  const handed = new Set([...learnerContactIds, ...(base.learners ?? []), ...(base.pendingLearners ?? [])]);
  return (seats) =>
    eachOf(seats, (seat) => {
      const carrier = seat.holders.find((id) => handed.has(id)) ?? seat.holders[0];
      const contactId = holderOf.get(seat) ?? carrier;
      const learner = contactId === undefined ? null : learnerOf(contactId, people.get(contactId));
      return { isHandedOut: !kept.has(seat), learner };
    });
}

function* eachOf(
  seats: SeatedGroup['seats'],
  who: (seat: Seat) => Pick<FilledCode, 'isHandedOut' | 'learner'>,
): Iterable<FilledCode> {
  for (const seat of seats) {
    const { code, isRedeemed, isWithdrawn } = seat;
    yield { code, isRedeemed, isWithdrawn, ...who(seat) };
  }
}

function learnerOf(contactId: string, person: Contact | undefined): FilledLearner {
  return { contactId, email: person?.email ?? null, name: person === undefined ? null : personName(person) };
}
