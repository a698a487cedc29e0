import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { HandOverInput } from '../src/contracts/activities.ts';
import { rosterTokenOf } from '../src/domain/deal/ids.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type Allotment, allot } from '../src/domain/seats/allot.ts';
import { withSeats } from '../src/domain/seats/link-field.ts';
import type { SeatedGroup } from '../src/domain/seats/seat.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { editLinks } from './edit-links.ts';
import { listSeats, type SeatedDeal } from './listing.ts';

export interface AllottedDeal extends SeatedDeal, Allotment {}

/**
 * Who has which seat. In buyer mode nobody is given one. Called by every step that needs codes, and gives each the same
 * answer, because links once written are kept.
 */
export async function allotSeats(deps: ActivityDeps, input: HandOverInput): Promise<AllottedDeal> {
  const { plan, groups } = input;
  const { learnerContactIds, contactIds, isAmendment } = plan;
  const crm = crmOf(deps, plan.deal);
  // Nobody can carry a link of a deal that is delivered to its buyer for the first time.
  const carriers = learnerContactIds.length > 0 || isAmendment ? contactIds : [];
  const listed = plan.groups.map((planned, index) => {
    const ensured = groups[index];
    if (ensured?.token !== planned.token)
      throw new Error(`Groups do not follow the plan at ${planned.label}`);
    return { group: { ...planned, label: ensured.label }, groupId: ensured.groupId };
  });
  const seated = await listSeats(deps, listed, async () =>
    carriers.length === 0 ? new Map() : crm.readRedeemLinks(carriers, cancellationSignal()),
  );
  const inRoster = await readRosterCodes(crm, input);
  const handedOut = handedOutBy(input, seated.groups, inRoster);
  const allotted = allot(seated.groups, learnerContactIds, handedOut);
  return { ...seated, ...allotted, spare: spareAsBefore(input, { ...seated, ...allotted }, inRoster) };
}

/** The codes of the roster on the deal. Null: nobody needs to know, or it is gone, or nobody can read it any more. */
async function readRosterCodes(
  crm: Crm,
  { plan, isRosterOut }: HandOverInput,
): Promise<ReadonlySet<string> | null> {
  const isOlder = plan.groups.some(({ existing }) => existing);
  if (!isRosterOut || !isOlder || plan.learnerContactIds.length === 0) return null;
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
  { isRosterOut }: HandOverInput,
  groups: readonly SeatedGroup[],
  inRoster: ReadonlySet<string> | null,
): ReadonlySet<string> {
  if (!isRosterOut) return new Set();
  if (inRoster !== null) return inRoster;
  const unfinished = groups.filter(({ group }) => group.existing?.isNew);
  return new Set(unfinished.flatMap(({ seats }) => seats.map(({ code }) => code)));
}

/**
 * Of groups that were delivered to learners only what was spare then is spare now: any other code that nobody of the deal
 * carries is with somebody who was taken off it. A roster that is gone, or has lost rows as in a withdrawal that was not
 * finished, is made anew from all that nobody carries, if that is no more than it had.
 */
function spareAsBefore(
  { plan, isRosterOut }: HandOverInput,
  { groups, spare }: Pick<AllottedDeal, 'groups' | 'spare'>,
  inRoster: ReadonlySet<string> | null,
): readonly SeatedGroup[] {
  const { learnerContactIds, supersededRosters, base } = plan;
  const isOlder = ({ group }: SeatedGroup) => group.existing !== undefined && !group.existing.isNew;
  const older = spare.filter(isOlder);
  // A deal that was merged into this one had a roster of its own.
  const isKnown = learnerContactIds.length === 0 || older.length === 0 || supersededRosters.length > 0;
  if (!isRosterOut || isKnown) return spare;
  const count = older.reduce((sum, { seats }) => sum + seats.length, 0);
  const had = base.roster?.codes ?? count;
  const delivered = groups.filter(isOlder).flatMap(({ seats }) => seats);
  const left = inRoster === null ? [] : delivered.filter(({ code }) => inRoster.has(code));
  if (inRoster === null || left.length < had) {
    if (count <= had) return spare;
    throw new DealseatError({
      code: 'crm.roster_missing',
      message: `The deal does not have its roster of ${had} codes any more, and ${count} codes are with nobody of the deal: somebody who was taken off it has some of them. Put the file back, or put that contact back on the deal`,
    });
  }
  return spare.map((part) =>
    isOlder(part) ? { ...part, seats: part.seats.filter(({ code }) => inRoster.has(code)) } : part,
  );
}

/** The same for a step that needs the answer several times: the platform counts its requests. */
export function allotOnce(deps: ActivityDeps, input: HandOverInput): () => Promise<Allotment> {
  let allotted: Promise<Allotment> | null = null;
  return () => {
    allotted ??= allotSeats(deps, input);
    return allotted;
  };
}

/** What is not in the roster must be with a learner, also after a run of another deal wrote over the field. */
export function keepLinks(crm: Crm, { held, fields, findCode }: AllottedDeal): Promise<void> {
  return editLinks(crm, { contactIds: [...held.keys()], current: fields }, (field, id) =>
    withSeats(field, held.get(id) ?? [], findCode),
  );
}
