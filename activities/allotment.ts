import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { HandOverInput } from '../src/contracts/activities.ts';
import { rosterTokenOf } from '../src/domain/deal/ids.ts';
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
  const handedOut = await readHandedOut(crm, input, seated.groups);
  return { ...seated, ...allot(seated.groups, learnerContactIds, handedOut) };
}

/**
 * Codes that learners who came since must not be given, because the roster on the deal may have reached the buyer: those
 * in it, and where it is gone or nobody can read it any more all that it may have had. Of groups that were delivered
 * none is given to anybody new, whatever the file says.
 */
async function readHandedOut(
  crm: Crm,
  { plan, isRosterOut }: HandOverInput,
  groups: readonly SeatedGroup[],
): Promise<ReadonlySet<string>> {
  const unfinished = groups.filter(({ group }) => group.existing?.isNew);
  if (!isRosterOut || unfinished.length === 0 || plan.learnerContactIds.length === 0) return new Set();
  const { deal, rosterFileName } = plan;
  const token = rosterTokenOf(rosterFileName);
  const rosters = await crm.readRosters(deal.dealId, token, cancellationSignal());
  const codes = rosters.map(({ csv }) => codesOfRoster(csv));
  if (codes.length > 0 && codes.every((ofFile) => ofFile !== null)) return new Set(codes.flat());
  return new Set(unfinished.flatMap(({ seats }) => seats.map(({ code }) => code)));
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
