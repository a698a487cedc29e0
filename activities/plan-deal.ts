import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Lms } from '../src/clients/lms.ts';
import type {
  LookUps,
  Patience,
  PlanDealInput,
  ProvisioningActivities,
  Unchanged,
} from '../src/contracts/activities.ts';
import { DEFAULT_POLICY } from '../src/contracts/policy.ts';
import { calendarDay, dayEndZone } from '../src/domain/deal/calendar.ts';
import type { Deal, DealRef } from '../src/domain/deal/deal.ts';
import { groupToken, groupTokenOf } from '../src/domain/deal/ids.ts';
import type { LedgerGroup } from '../src/domain/deal/ledger.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { compare, type DealAtHand, readingHash, seenOn } from '../src/domain/planning/compare.ts';
import { type Facts, type FactsNeeded, factsNeeded, rosterMissed } from '../src/domain/planning/facts.ts';
import { redeemUrlFor } from '../src/domain/planning/groups.ts';
import { perhapsInherited, type SeatsAsked } from '../src/domain/planning/inherited.ts';
import { perhapsMerged, withSurvivors } from '../src/domain/planning/merged-people.ts';
import type { DealSummary } from '../src/domain/planning/plan.ts';
import { plan, planMergedDeal } from '../src/domain/planning/read.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import type { SeatFacts } from '../src/domain/planning/seat-facts.ts';
import { chooseGroup } from '../src/domain/seats/adoption.ts';
import type { CodeGroup } from '../src/domain/seats/code-group.ts';
import { readCarriedLinks } from './carried-links.ts';
import { listCodes } from './code-lists.ts';
import { type ActivityDeps, crmFactsOf, crmOf, platformOf } from './deps.ts';
import { cancellationSignal, lookPatiently } from './earlier-attempts.ts';
import { readKnownDeal } from './known-deal.ts';
import { accountOf, boundsOf } from './lags.ts';
import { findLostSeats } from './lost-seats.ts';
import { mayStillPass } from './patience.ts';
import { rememberContacts } from './recent-contacts.ts';
import { findRoster } from './roster-on-deal.ts';

/** Reads the deal, and of the platform what its plan depends on. */
export function planDeal(deps: ActivityDeps): ProvisioningActivities['planDeal'] {
  return async (input): Promise<Reading | Unchanged> => {
    const { deal: ref } = input;
    const crm = crmOf(deps, ref);
    if (input.print !== undefined) {
      const { print, changedAt, hasAction } = await crm.readPrint(ref.dealId, cancellationSignal());
      if (print === input.print && !hasAction) return { kind: 'unchanged', changedAt };
    }
    const found = await crm.readDeal(ref.dealId, cancellationSignal());
    rememberContacts(crm, found);
    const isMerged = found.dealId !== ref.dealId;
    const rules = rulesFor(deps, isMerged ? { ...input, source: 'event' } : input);
    const deal = await followMerges(deps, found, rules);
    const read = { deal, catalog: deps.catalog, rules };
    if (!isMerged && input.seen !== undefined && readingHash(read) === input.seen) {
      return { kind: 'unchanged', changedAt: deal.changedAt, ...seenOn(deal, deps.catalog) };
    }
    const atHand: DealAtHand = { ...read, inherited: await findInherited(deps, read, input) };
    const comparison = compare(atHand);
    if (input.isPreview !== true) await findLostSeats(deps, deal);
    const roster = rosterMissed(comparison);
    const isRosterThere = roster === null || (await findRoster(deps, deal, roster))?.isShown === true;
    const isPreview = input.isPreview === true;
    const needed = factsNeeded(comparison, { isRosterThere, isPreview });
    const groups = await readGroups(deps, deal, needed, input);
    const seats = await readSeatFacts(deps, deal, needed);
    const carriers = seats?.carriers ?? (await readCarriers(deps, ref, needed));
    const facts: Facts = {
      groups,
      isRosterThere,
      carriers,
      ...(seats === null ? {} : { seats: seats.facts }),
    };
    const planned = plan(comparison, facts);
    const reading = isMerged ? planMergedDeal(ref.dealId, atHand, planned) : planned;
    return { ...reading, deal: { ...reading.deal, ...readHere() } };
  };
}

function readHere(): Pick<DealSummary, 'readIn'> {
  const { workflowExecution } = Context.current().info;
  return workflowExecution === undefined ? {} : { readIn: workflowExecution.runId };
}

async function followMerges(deps: ActivityDeps, deal: Deal, rules: DealAtHand['rules']): Promise<Deal> {
  const ids = perhapsMerged(deal, deps.catalog, rules);
  if (ids.length === 0) return deal;
  return withSurvivors(deal, await crmOf(deps, deal).readMergedContacts(ids, cancellationSignal()));
}

function rulesFor(
  deps: ActivityDeps,
  { deal, source, closedLongAgoMs = DEFAULT_POLICY.closedLongAgoMs }: PlanDealInput,
): DealAtHand['rules'] {
  return {
    sha256,
    sealer: deps.sealer,
    today: calendarDay(deps.now(), dayEndZone(deps.catalog)),
    crm: crmFactsOf(deps, deal.crm),
    source,
    wonSince: deps.wonSince[deal.crm] ?? null,
    closedLongAgoMs,
  };
}

/**
 * Groups that deals merged into this one were given of products that would be made now. A CRM keeps the fields of the
 * surviving deal alone, so only the platform still knows of them. Looked for whatever keeps the deal from being
 * provisioned itself: its age, or a line that nobody understands. The merge may have come right after their making, so a
 * search that finds none is believed only when it goes on to.
 */
async function findInherited(
  deps: ActivityDeps,
  read: Omit<DealAtHand, 'inherited'>,
  input: PlanDealInput,
): Promise<LedgerGroup[]> {
  const { deal, catalog } = read;
  const { platform } = catalog;
  const products = perhapsInherited(read);
  if (products.length === 0) return [];
  const redeemUrl = redeemUrlFor(deal, catalog);
  const lms = platformOf(deps, platform);
  const { lookUps = ONE_LOOK } = input;
  const inheritedOf = async (dealId: string, { productKey, seatCount: size }: SeatsAsked) => {
    const looking = {
      patienceMs: await deps.lags.patience({ account: accountOf(lms), size }, boundsOf(lookUps)),
      longestPauseMs: lookUps.lookUpIntervalMs,
    };
    const groups: LedgerGroup[] = [];
    for (let part = 1; ; part += 1) {
      const token = groupToken({ ...deal, dealId }, { platform, productKey, part }, sha256);
      const look = async () => chooseGroup(await lms.findGroupsByToken(token, cancellationSignal()));
      const choice = await lookPatiently(look, looking);
      if (choice === null) return groups;
      const { id: group, seatCount } = choice.chosen;
      const counts = { issued: seatCount, active: seatCount };
      groups.push({ token, product: productKey, part, platform, group, redeemUrl, ...counts });
    }
  };
  const found = products.flatMap((product) =>
    deal.mergedDealIds.map((dealId) => inheritedOf(dealId, product)),
  );
  return (await Promise.all(found)).flat();
}

const ONE_LOOK: LookUps = { lookUpMinMs: 0, lookUpMs: 0, lookUpIntervalMs: 0 };

async function readGroups(
  deps: ActivityDeps,
  deal: DealRef,
  { groups, countsRedeemed }: FactsNeeded,
  { patienceMs = 0 }: Patience,
): Promise<ReadonlyMap<string, CodeGroup>> {
  const found = new Map<string, CodeGroup>();
  for (const { platform, groupId } of groups) {
    const lms = platformOf(deps, platform);
    const group = await readGroup(lms, groupId, { patienceMs });
    if (group === null) continue;
    found.set(
      groupId,
      countsRedeemed
        ? { ...group, redeemedCount: await countRedeemed(deps, deal, { ...group, platform }) }
        : group,
    );
  }
  return found;
}

/** Null: nobody needs to know, or the seat store does not know the deal. */
async function readSeatFacts(
  deps: ActivityDeps,
  deal: Deal,
  { linksOf }: FactsNeeded,
): Promise<{ readonly facts: SeatFacts; readonly carriers: ReadonlySet<string> } | null> {
  if (linksOf.length === 0) return null;
  const { contacts, mergedDealIds } = deal;
  const merged = Object.fromEntries(
    contacts.flatMap(({ id, formerIds }) => formerIds.map((was) => [was, id])),
  );
  const known = await readKnownDeal(deps, deal, { merged, mergedDealIds });
  if (known === null) return null;
  const facts = known.facts(new Map(contacts.map((contact) => [contact.id, contact])));
  const holders = new Set(facts.held.map(({ contactId }) => contactId));
  return { facts, carriers: new Set(linksOf.filter((id) => holders.has(id))) };
}

async function readCarriers(
  deps: ActivityDeps,
  deal: DealRef,
  { linksOf }: FactsNeeded,
): Promise<ReadonlySet<string>> {
  if (linksOf.length === 0) return new Set();
  const { links } = await readCarriedLinks(crmOf(deps, deal), { present: linksOf, former: [] });
  return new Set(links.keys());
}

/**
 * Null: the platform has no such group, so nothing of it is this deal's. That decides whose the deal's ledger is and which
 * codes are taken back, so it is believed only when it lasts, also where a person waits.
 */
async function readGroup(lms: Lms, groupId: string, patience: Patience): Promise<CodeGroup | null> {
  try {
    return await lms.getGroup(groupId, cancellationSignal());
  } catch (error) {
    if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
    if (!mayStillPass(error, patience)) return null;
    throw new DealseatError({ code: 'lms.bad_response', message: error.message, cause: error });
  }
}

async function countRedeemed(
  deps: ActivityDeps,
  deal: DealRef,
  { platform, id: groupId, label, redeemedCount }: CodeGroup & { readonly platform: string },
): Promise<number> {
  const codes = await listCodes(deps, deal, { platform, groupId, label, token: groupTokenOf(label) });
  return Math.max(codes.filter(({ isRedeemed }) => isRedeemed).length, redeemedCount);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
