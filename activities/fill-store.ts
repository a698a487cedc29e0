import type { HandOverInput } from '../src/contracts/activities.ts';
import type { Contact, DealRef } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { Plan, PlannedGroup, PossibleCarriers, Withdrawal } from '../src/domain/planning/plan.ts';
import type { Seat, SeatedGroup } from '../src/domain/seats/seat.ts';
import { DEALSEAT } from '../src/domain/seats/seat-state.ts';
import { personName } from '../src/domain/texts/contacts.ts';
import { countOpenAccessLeft, type OpenAccessLeft } from '../src/store/access-left.ts';
import {
  type FilledCode,
  type FilledGroup,
  fillGroup,
  type OrderFacts,
  upsertOrder,
} from '../src/store/fill-order.ts';
import { giveReplaced } from '../src/store/give-replaced.ts';
import type { FilledLearner } from '../src/store/holders.ts';
import { readOrders, readVersion, versionOf } from '../src/store/known-seats.ts';
import { followContacts, mergeOrders } from '../src/store/merge-orders.ts';
import { nameNextSeats } from '../src/store/name-next-seats.ts';
import { endReplaced } from '../src/store/replacements.ts';
import { inTransaction } from '../src/store/transaction.ts';
import type { AllottedDeal } from './allotment.ts';
import type { ActivityDeps } from './deps.ts';
import type { SeatedDeal } from './listing.ts';

type Deps = Pick<ActivityDeps, 'seats' | 'now'>;

/** The store as a step left it. */
export interface Filled {
  readonly orderId: number;
  /** Of its seats. */
  readonly version: number;
}

/**
 * Writes into the seat store who has which code, before any of them reaches the CRM: nothing is handed out without its
 * record. All or nothing, and a repeat changes nothing. `changed`: something else was decided since the allotment was made,
 * and nothing is written.
 */
export function fillStore(
  deps: Deps,
  { plan, groups }: HandOverInput,
  allotted: AllottedDeal,
): Promise<Filled | 'changed' | null> {
  const groupIds = groups.map(({ groupId }) => groupId);
  return fill(deps, allotted, { order: plan, groupIds, who: whoOf(plan, allotted), reason: 'delivered' });
}

/**
 * Ends the withdrawn seats in the store, before anything is taken from people. `inRoster`: null: it cannot be read. Gives
 * of how many ended seats of the deal somebody may still have access; null: there is no store.
 */
export async function endWithdrawn(
  deps: Deps,
  withdrawal: Withdrawal,
  {
    seated,
    inRoster,
    replaced,
  }: {
    readonly seated: SeatedDeal;
    readonly inRoster: ReadonlySet<string> | null;
    readonly replaced: Ending;
  },
): Promise<OpenAccessLeft | null> {
  const groupIds = withdrawal.groups.map(({ existing }) => existing?.groupId ?? '');
  const isKept = ({ code }: Seat) => withdrawal.isSpareKept && inRoster?.has(code) === true;
  const who: Who = (seat) => ({
    isHandedOut: !isKept(seat),
    learner: withdrawal.audience === 'buyer' ? null : learnerOf(seat.holders[0], seated.people),
  });
  const filled = await fill(deps, seated, {
    order: withdrawal,
    groupIds,
    who,
    reason: 'withdrawn',
    ending: replaced,
  });
  if (filled === 'changed') {
    throw new DealseatError({
      code: 'store.unavailable',
      message: 'The seats of the deal were changed while some of them were withdrawn',
    });
  }
  if (deps.seats === undefined || filled === null) return null;
  return await countOpenAccessLeft(deps.seats.db, filled.orderId);
}

/** Beside what the groups of the step say. */
interface Ending {
  readonly seatIds: readonly string[];
  readonly codeIds: readonly number[];
}

type Who = (seat: Seat) => Pick<FilledCode, 'isHandedOut' | 'learner'>;

type Order = Omit<OrderFacts, 'deal'> & { readonly deal: DealRef; readonly carriers: PossibleCarriers };

async function fill(
  { seats: store, now }: Deps,
  { groups, replaced, known, people }: SeatedDeal,
  step: {
    readonly order: Order;
    /** One for each group. */
    readonly groupIds: readonly string[];
    readonly who: Who;
    readonly reason: string;
    readonly ending?: Ending;
  },
): Promise<Filled | 'changed' | null> {
  if (store === undefined) return null;
  const happening = { actor: DEALSEAT, reason: step.reason, at: new Date(now()) };
  const { at } = happening;
  const { deal, carriers } = step.order;
  const { mergedDealIds = [] } = carriers;
  const moves = (known?.moved(people) ?? []).flatMap(({ seatId, contactId }) => {
    const learner = learnerOf(contactId, people);
    return learner === null ? [] : { seatId, learner };
  });
  return await inTransaction(store.db, async (trx) => {
    const order = await upsertOrder(trx, factsOf(step.order), at);
    const orders = mergedDealIds.length === 0 ? [order] : await readOrders(trx, deal, mergedDealIds);
    if (versionOf(orders) !== (known?.version ?? 0)) return 'changed';
    await mergeOrders(trx, order, { mergedDealIds, at });
    await followContacts(trx, moves, at);
    for (const [index, { group, seats }] of groups.entries()) {
      const filled = filledGroup(group, step.groupIds[index] ?? '');
      await fillGroup(trx, store.vault, order, filled, codesOf(seats, step.who), happening);
    }
    await giveReplaced(trx, store.vault, order, givenOf(replaced, step.who), happening);
    if (groups.some(hasLeaving)) await nameNextSeats(trx, order.id, at);
    if (step.ending !== undefined) await endReplaced(trx, step.ending, happening);
    return { orderId: order.id, version: await readVersion(trx, order.id) };
  });
}

/** Whether nothing else has been decided since. */
export async function isStillFilled(
  { seats: store }: Pick<ActivityDeps, 'seats'>,
  filled: Filled | null,
): Promise<boolean> {
  if (store === undefined || filled === null) return true;
  return (await readVersion(store.db, filled.orderId)) === filled.version;
}

function factsOf(order: Order): OrderFacts {
  const { deal, dealName, dealUrl, companyName, ownerId, buyerContactId, audience } = order;
  return { deal, dealName, dealUrl, companyName, ownerId, buyerContactId, audience };
}

function filledGroup(
  { existing, seatCount, codeLength: _, codesExpireOn: _on, accessEndsOn: _ends, ...group }: PlannedGroup,
  groupId: string,
): FilledGroup {
  return { ...group, groupId, issued: existing?.issuedCount ?? seatCount };
}

/** A seat goes to another person, and ends for the one who had it. */
function hasLeaving({ seats }: SeatedGroup): boolean {
  return seats.some(isLeaving);
}

function isLeaving({ decided }: Seat): boolean {
  return decided?.retired === 'leaving';
}

/** One at a time: a second copy of ten thousand codes would be memory for nothing. */
function* codesOf(seats: readonly Seat[], who: Who): Iterable<FilledCode> {
  for (const seat of seats) {
    const { code, isRedeemed, isWithdrawn } = seat;
    const ended = isLeaving(seat) ? ({ endedWhy: 'reassigned' } as const) : {};
    yield { code, isRedeemed, isWithdrawn, ...ended, ...who(seat) };
  }
}

/** Free seats that learners get. */
function givenOf(replaced: SeatedDeal['replaced'], who: Who) {
  return replaced.flatMap(({ group: { productKey }, seats }) =>
    seats.flatMap((seat) => {
      const { learner } = who(seat);
      return seat.decided?.isFree && learner !== null ? { code: seat.code, productKey, learner } : [];
    }),
  );
}

const TO_BUYER: Who = () => ({ isHandedOut: true, learner: null });

function whoOf(
  { audience, isSpareKept, learnerContactIds, base }: Plan,
  { held, spare, people }: AllottedDeal,
): Who {
  if (audience === 'buyer') return TO_BUYER;
  const holderOf = new Map<string, string>();
  for (const [contactId, seats] of held) for (const { code } of seats) holderOf.set(code, contactId);
  const kept = new Set(isSpareKept ? spare.flatMap(({ seats }) => seats) : []);
  const handed = new Set([...learnerContactIds, ...(base.learners ?? []), ...(base.pendingLearners ?? [])]);
  return (seat) => {
    const carrier = seat.holders.find((id) => handed.has(id)) ?? seat.holders[0];
    return {
      isHandedOut: !kept.has(seat),
      learner: learnerOf(holderOf.get(seat.code) ?? carrier, people),
    };
  };
}

function learnerOf(
  contactId: string | undefined,
  people: ReadonlyMap<string, Contact>,
): FilledLearner | null {
  if (contactId === undefined) return null;
  const person = people.get(contactId);
  return { contactId, email: person?.email ?? null, name: person === undefined ? null : personName(person) };
}
