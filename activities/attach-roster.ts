import type { Crm } from '../src/clients/crm.ts';
import { codesOfRoster } from '../src/clients/roster-codes.ts';
import type { AttachRosterInput } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import { anyCarriesLinks } from '../src/domain/seats/links-in-messages.ts';
import { countsOf } from '../src/domain/seats/reader-seats.ts';
import type { RosterReceipt } from '../src/domain/seats/roster.ts';
import { codesIn } from '../src/roster/roster-csv.ts';
import { type AllottedDeal, allotSeats, keepLinks } from './allotment.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { fillStore, isStillFilled } from './fill-store.ts';
import type { RecentListings } from './recent-listings.ts';
import { isFirstHandOver } from './untouched.ts';
import { writeRoster } from './write-roster.ts';

const NONE: ReadonlySet<string> = new Set();

/**
 * Learners' links first, because the roster holds what is left over: both from one reading of the list, and so are the
 * messages that carry links. A cancel ends the readings, never a write: one that was cut off could still happen after its
 * undo.
 */
export function attachRoster(
  deps: ActivityDeps,
  looks: RecentListings,
  rosters: RecentListings,
): (input: AttachRosterInput) => Promise<RosterReceipt> {
  return async (input) => {
    const { plan } = input;
    const crm = crmOf(deps, plan.deal);
    const allotted = await giveSeats(deps, input, looks);
    // Whoever left the deal is written to no more on its behalf.
    for (const contactId of plan.leaving ?? []) {
      await crm.mailTool(plan.mailTool).takeBack({ dealId: plan.deal.dealId, contactId });
    }
    const ownCodes = plan.supersededRosters.length === 0 ? NONE : codesOf(allotted);
    const codeCount = codesIn(allotted.spare);
    const seatsByGroup = countsOf(allotted.spare);
    const listed = anyCarriesLinks(plan, codeCount) ? [...allotted.listed] : [];
    // The last use of all that was read, so that a large list is not in memory beside the file and its upload.
    const { files, sha256, noteHtml } = await writeRoster(deps, plan, allotted.spare);
    const { fileId, url, workbookFileId } = await crm.attachRoster({
      dealId: plan.deal.dealId,
      fileName: plan.rosterFileName,
      ...files,
      noteHtml,
      isNew: isFirstHandOver(input),
    });
    await removeSuperseded(crm, plan, ownCodes);
    for (const [groupId, codes] of listed) rosters.keep(groupId, codes);
    const workbook = workbookFileId === undefined ? {} : { workbookFileId };
    return {
      fileId,
      url,
      ...workbook,
      fileName: plan.rosterFileName,
      codeCount,
      seatsByGroup,
      sha256,
    };
  };
}

/** Somebody may act on the deal's seats meanwhile. */
const MAX_ROUNDS = 5;

/**
 * Decides who has which code, and writes it: first into the store, then into the link fields. What was decided elsewhere
 * in the meantime comes first, so that no field shows a code which its reader lost a moment ago.
 */
async function giveSeats(
  deps: ActivityDeps,
  input: AttachRosterInput,
  looks: RecentListings,
): Promise<AllottedDeal> {
  const crm = crmOf(deps, input.plan.deal);
  let takeRecent = looks.take;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const allotted = await listedInTime(input, () => allotSeats(deps, input, takeRecent));
    const filled = await fillStore(deps, input, allotted);
    if (filled !== 'changed') {
      await keepLinks(crm, allotted);
      if (allotted.held.size === 0 || (await isStillFilled(deps, filled))) return allotted;
    }
    takeRecent = (groupId) => allotted.listed.get(groupId) ?? null;
  }
  throw new DealseatError({
    code: 'store.unavailable',
    message: `The seats of the deal were changed ${MAX_ROUNDS} times while their codes were handed out`,
  });
}

function codesOf({ groups }: AllottedDeal): ReadonlySet<string> {
  return new Set(groups.flatMap(({ seats }) => seats.map(({ code }) => code)));
}

/** A list that is found short is waited for until the deadline of that wait, and then it is a person's business. */
async function listedInTime<T>(
  { listedByMs = Number.POSITIVE_INFINITY }: AttachRosterInput,
  list: () => Promise<T>,
): Promise<T> {
  try {
    return await list();
  } catch (error) {
    const isShort = error instanceof DealseatError && error.code === 'lms.codes_not_listed';
    if (!isShort || Date.now() < listedByMs) throw error;
    throw new DealseatError({ code: 'lms.codes_never_listed', message: error.message });
  }
}

/**
 * A merged deal brings its roster along. It goes when all of its codes are this deal's by now; one with others is the
 * only place that holds those.
 */
async function removeSuperseded(
  crm: Crm,
  { deal, supersededRosters }: Plan,
  codes: ReadonlySet<string>,
): Promise<void> {
  for (const token of supersededRosters) {
    for (const { fileName, csv } of await crm.readRosters(deal.dealId, token, cancellationSignal())) {
      if (!codesOfRoster(csv)?.every((code) => codes.has(code))) continue;
      await crm.removeRoster({ dealId: deal.dealId, fileName });
    }
  }
}
