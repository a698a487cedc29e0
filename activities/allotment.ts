import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { HandOverInput } from '../src/contracts/activities.ts';
import { rosterTokenOf } from '../src/domain/deal/ids.ts';
import { handedLearners } from '../src/domain/deal/ledger.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type Allotment, type AllotmentRules, allot, isHandedOver } from '../src/domain/seats/allot.ts';
import { linesOf, withSeats } from '../src/domain/seats/link-field.ts';
import type { Seat, SeatedGroup } from '../src/domain/seats/seat.ts';
import { countOf } from '../src/domain/words.ts';
import { NO_LINKS, readCarriedLinks } from './carried-links.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { editLinks } from './edit-links.ts';
import { listSeats, type SeatedDeal } from './listing.ts';
import type { RecentListings } from './recent-listings.ts';

const NONE: ReadonlySet<string> = new Set();

export interface AllottedDeal extends SeatedDeal, Allotment {}

/**
 * Who has which seat. In buyer mode nobody is given one. Called by every step that needs codes, and gives each the same
 * answer, because links once written are kept. `takeRecent`: what was listed just before.
 */
export async function allotSeats(
  deps: ActivityDeps,
  input: HandOverInput,
  takeRecent?: RecentListings['take'],
): Promise<AllottedDeal> {
  const { plan, groups } = input;
  const { learnerContactIds, isAmendment } = plan;
  const crm = crmOf(deps, plan.deal);
  // Nobody can carry a link of a deal that is delivered to its buyer for the first time.
  const mayBeCarried = learnerContactIds.length > 0 || isAmendment;
  const listed = plan.groups.map((planned, index) => {
    const ensured = groups[index];
    if (ensured?.token !== planned.token)
      throw new Error(`Groups do not follow the plan at ${planned.label}`);
    return { group: { ...planned, label: ensured.label }, groupId: ensured.groupId };
  });
  const seated = await listSeats(
    deps,
    plan,
    listed,
    async () => (mayBeCarried ? readCarriedLinks(crm, plan.carriers) : NO_LINKS),
    takeRecent,
  );
  requireUnused(seated);
  const rules = isDecided(plan, seated) ? rulesOfStore(seated) : await rulesOfDeal(crm, input, seated);
  const known = new Set(plan.base.learners);
  const settled = seated.known && { isSettled: seated.known.isSettled(seated.people, known) };
  const all = [...seated.groups, ...seated.replaced];
  const { held, spare } = allot(all, learnerContactIds, { ...rules, ...settled, known });
  // A code that took the place of another rests in the seat store until a learner gets it.
  return { ...seated, held, spare: spare.slice(0, seated.groups.length) };
}

/** Whose seat is about to end has begun to use it. */
function requireUnused({ groups }: SeatedDeal): void {
  const used = groups
    .flatMap(({ seats }) => seats)
    .find(({ decided, isRedeemed }) => decided?.retired === 'leaving' && isRedeemed);
  if (used === undefined) return;
  throw new DealseatError({
    code: 'deal.seat_in_use',
    message: `Contact ${used.holders[0]} was taken off the deal, but has begun to use the seat`,
  });
}

type Rules = Omit<AllotmentRules, 'known' | 'isSettled'>;

/** The store knows every code that was handed over, and nobody else was given what is left over. */
function isDecided({ isSpareKept }: HandOverInput['plan'], { known, groups }: SeatedDeal): boolean {
  const older = groups.filter(({ group }) => group.existing !== undefined).flatMap(({ seats }) => seats);
  return known !== null && isSpareKept && older.every(({ decided }) => decided !== null);
}

/** Of codes with a holder that nobody knows, none is spare: the buyer was given none. */
function rulesOfStore({ groups }: SeatedDeal): Rules {
  const seats = groups.flatMap(({ seats: all }) => all);
  const spare = new Set(seats.flatMap(({ code, decided }) => (decided?.isFree ? code : [])));
  return { handedOut: NONE, spare, isSpareFree: true };
}

/** By what the deal, its roster and the link fields show. */
async function rulesOfDeal(crm: Crm, input: HandOverInput, seated: SeatedDeal): Promise<Rules> {
  const { plan } = input;
  const inRoster = await readRosterCodes(crm, input);
  const spare = spareAsBefore(input, seated.groups, inRoster);
  const isLost = await isAnyoneLost(crm, plan, seated);
  const isSpareFree = !plan.base.isSpareOut && !isLost;
  return {
    handedOut: isSpareFree ? NONE : handedOutBy(input, seated.groups, isLost ? null : inRoster),
    spare,
    isSpareFree,
  };
}

/**
 * Whether a hand-over that was not finished was for somebody who left the deal since and cannot be read any more: any code
 * of it that nobody carries may be with that person. So it may be after a merge, which keeps one of two link fields: only
 * who was handed nothing before certainly carries the code of the other.
 */
async function isAnyoneLost(
  crm: Crm,
  { base, learnerContactIds }: HandOverInput['plan'],
  { fields, groups }: SeatedDeal,
): Promise<boolean> {
  const carriers = new Set(groups.flatMap(({ seats }) => seats.flatMap(({ holders }) => holders)));
  const handed = new Set(handedLearners(base));
  const gone = (base.pendingLearners ?? []).filter(
    (id) => !learnerContactIds.includes(id) && !fields.has(id),
  );
  for (const id of gone) {
    try {
      const { id: survivor } = await crm.readContact(id, cancellationSignal());
      if (survivor !== id && (handed.has(survivor) || !carriers.has(survivor))) return true;
    } catch (error) {
      if (error instanceof DealseatError && error.class === 'attention') return true;
      throw error;
    }
  }
  return false;
}

/** People may have what the roster on the deal brought. */
function isRosterUsed({ plan, isRosterOut }: HandOverInput): boolean {
  return isRosterOut || plan.isAmendment;
}

/** The codes of the roster on the deal. Null: nobody needs to know, or it is gone, or nobody can read it any more. */
async function readRosterCodes(crm: Crm, input: HandOverInput): Promise<ReadonlySet<string> | null> {
  const { plan } = input;
  const isOlder = plan.groups.some(({ existing }) => existing);
  if (!isRosterUsed(input) || !isOlder || plan.learnerContactIds.length === 0) return null;
  const { deal, rosterFileName } = plan;
  const token = rosterTokenOf(rosterFileName);
  const rosters = await crm.readRosters(deal.dealId, token, cancellationSignal());
  const codes = rosters.map(({ csv }) => codesOfRoster(csv));
  return codes.length > 0 && codes.every((ofFile) => ofFile !== null) ? new Set(codes.flat()) : null;
}

/**
 * Codes that learners who came since must not be given, because the roster on the deal may have reached the buyer: those
 * in it, and where it cannot be read all that it may have had. Of groups that were delivered none is given to anybody
 * new, whatever the file says.
 */
function handedOutBy(
  input: HandOverInput,
  groups: readonly SeatedGroup[],
  inRoster: ReadonlySet<string> | null,
): ReadonlySet<string> {
  if (!isRosterUsed(input)) return new Set();
  if (inRoster !== null) return inRoster;
  const unfinished = groups.filter(({ group }) => group.existing?.isNew);
  return new Set(unfinished.flatMap(({ seats }) => seats.map(({ code }) => code)));
}

/**
 * Of groups that were delivered to learners only what was spare then is spare now: any other code that nobody of the deal
 * carries is with somebody who was taken off it. A roster that is gone, or has lost rows as in a withdrawal that was not
 * finished, is made anew from all that nobody carries, if that is no more than it had. Null: nobody needs to know.
 */
function spareAsBefore(
  input: HandOverInput,
  groups: readonly SeatedGroup[],
  inRoster: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
  const { learnerContactIds, supersededRosters, base } = input.plan;
  const older = groups.filter(({ group }) => isHandedOver(group)).flatMap(({ seats }) => seats);
  // A deal that was merged into this one had a roster of its own, until one was made of both.
  const isMergedAnew =
    supersededRosters.length > 0 && base.isPending === true && base.pendingLearners === undefined;
  const isKnown = learnerContactIds.length === 0 || older.length === 0 || isMergedAnew;
  if (!isRosterUsed(input) || isKnown) return null;
  const isWithNobody = ({ holders, isWithdrawn }: Seat) => !isWithdrawn && holders.length === 0;
  const unheld = older.filter(isWithNobody);
  const known = new Set(base.learners);
  // What an attempt before gave to learners who came since is in the roster no more.
  const moved = older.filter(
    ({ code, holders }) => inRoster?.has(code) !== true && holders.some((id) => !known.has(id)),
  );
  const had = (base.roster?.codes ?? unheld.length + moved.length) - moved.length;
  const left = older.filter(({ code }) => inRoster?.has(code));
  if (inRoster === null || left.length < had) {
    if (unheld.length <= had) return new Set(unheld.map(({ code }) => code));
    throw new DealseatError({
      code: 'crm.roster_missing',
      message: `The roster with ${countOf(had, 'code')} is missing from the deal, and the people of the deal hold all but ${countOf(unheld.length, 'code')}: a contact who was taken off the deal has some of these. Put the file back, or put that contact back on the deal`,
    });
  }
  return new Set(unheld.filter(({ code }) => inRoster.has(code)).map(({ code }) => code));
}

/** The same for a step that needs the answer several times: the platform counts its requests. */
export function allotOnce(
  deps: ActivityDeps,
  rosters: RecentListings,
  input: HandOverInput,
): () => Promise<AllottedDeal> {
  let allotted: Promise<AllottedDeal> | null = null;
  return () => {
    allotted ??= allotRecently(deps, rosters, input);
    return allotted;
  };
}

/**
 * By the listing that the roster was made from, as long as that gives nobody a code anew: whether a code was redeemed
 * meanwhile only a new listing tells.
 */
async function allotRecently(
  deps: ActivityDeps,
  rosters: RecentListings,
  input: HandOverInput,
): Promise<AllottedDeal> {
  const recent = await allotSeats(deps, input, rosters.take);
  const carried = [...recent.held].every(([id, seats]) => seats.every(({ holders }) => holders.includes(id)));
  return carried ? recent : allotSeats(deps, input);
}

/**
 * What is not in the roster must be with a learner, also after a run of another deal wrote over the field. A link that
 * somebody put into the field of another contact than its holder goes.
 */
export function keepLinks(crm: Crm, allotted: AllottedDeal): Promise<void> {
  const { held, fields, findCode } = allotted;
  const findForeign = foreignFinder(allotted);
  const others = [...fields.keys()].filter((id) => !held.has(id));
  return editLinks(crm, { contactIds: [...held.keys(), ...others], current: fields }, (field, id) => {
    const seats = held.get(id);
    return seats === undefined
      ? withSeats(field, [], (line) => findForeign(line, id))
      : withSeats(field, seats, findCode);
  });
}

/** Finds a code in a line that is certainly not this contact's. */
function foreignFinder({
  known,
  fields,
  groups,
  replaced,
  findCode,
}: AllottedDeal): (line: string, contactId: string) => string | null {
  if (known === null || fields.size === 0) return () => null;
  const carried = new Set([...fields.values()].flatMap(linesOf).map(findCode));
  const seats = [...groups, ...replaced].flatMap(({ seats: all }) =>
    all.filter(({ code }) => carried.has(code)),
  );
  const decisions = new Map(seats.map(({ code, decided }) => [code, decided]));
  return (line, contactId) => {
    const code = findCode(line);
    const decided = code === null ? null : decisions.get(code);
    if (!decided) return null;
    const isAnothers = decided.holder !== null && decided.holder !== contactId;
    return isAnothers || decided.retired !== null ? code : null;
  };
}
