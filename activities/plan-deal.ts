import { createHash } from 'node:crypto';
import type { Lms } from '../src/clients/lms.ts';
import type { PlanDealInput, ProvisioningActivities } from '../src/contracts/activities.ts';
import type { Teller } from '../src/contracts/run.ts';
import { productKey } from '../src/domain/deal/catalog.ts';
import type { Deal, DealRef } from '../src/domain/deal/deal.ts';
import { groupToken } from '../src/domain/deal/ids.ts';
import type { Ledger, LedgerGroup } from '../src/domain/deal/ledger.ts';
import { buildPlan, NO_MARK, planMergedDeal } from '../src/domain/planning/build-plan.ts';
import type { PlannedGroup, PlanOutcome } from '../src/domain/planning/plan.ts';
import { seatsByProduct } from '../src/domain/planning/sale.ts';
import { chooseGroup } from '../src/domain/seats/adoption.ts';
import type { CodeGroup } from '../src/domain/seats/code-group.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

export function createPlanActivities(deps: ActivityDeps): Pick<ProvisioningActivities, 'planDeal'> {
  return {
    planDeal: (input) => planDeal(deps, input),
  };
}

async function planDeal(
  deps: ActivityDeps,
  { deal: ref, toldBy = 'person', reconsiders = false }: PlanDealInput,
): Promise<PlanOutcome> {
  const deal = await crmOf(deps, ref).readDeal(ref.dealId, cancellationSignal());
  const isMerged = deal.dealId !== ref.dealId;
  const context = { ...contextOf(deps), reconsiders };
  const inherited = await findInherited(deps, deal);
  const wonSince = wonSinceFor(deps, deal, isMerged ? 'event' : toldBy);
  const outcome = buildPlan(deal, deps.catalog, { ...context, inherited, wonSince });
  if (isMerged) return planMergedDeal(ref.dealId, deal, outcome);
  const groups = deliveredGroups(outcome);
  if (groups.length === 0) return outcome;
  // Only a deal that changed since its delivery costs these reads.
  const delivered = await readGroups(deps.lms, groups, outcome.kind === 'clawBack');
  return buildPlan(deal, deps.catalog, { ...context, inherited, delivered });
}

/**
 * Before it, deals were not ours. People edit, move and merge old deals, so events are not believed either; but that a
 * deal without a stage history is old, only the sweep says: an event mostly comes with the closing.
 */
function wonSinceFor({ wonSince }: ActivityDeps, deal: Deal, toldBy: Teller): string | undefined {
  const since = wonSince[deal.crm];
  if (since === undefined || toldBy === 'person') return undefined;
  if (toldBy === 'sweep') return since;
  return deal.wonAt === null ? undefined : new Date(Date.parse(since) - LONGEST_DELIVERY_MS).toISOString();
}

/** Both CRMs try for a day to bring an event to us. */
const LONGEST_DELIVERY_MS = 24 * 60 * 60 * 1_000;

/** Whether the deal asks for other seats than those of the ledger, which a CRM may show late. Asks the CRM alone. */
export async function asksForOther(deps: ActivityDeps, ref: DealRef, ledger: Ledger): Promise<boolean> {
  const deal = await crmOf(deps, ref).readDeal(ref.dealId, cancellationSignal());
  if (deal.dealId !== ref.dealId) return false;
  const mark = { ...NO_MARK, ...deal.mark, ledger };
  const { kind } = buildPlan({ ...deal, mark }, deps.catalog, contextOf(deps));
  return kind === 'ready' || kind === 'clawBack' || kind === 'blocked';
}

function contextOf(deps: ActivityDeps) {
  return { sha256, today: new Date(deps.now()).toISOString().slice(0, 10) };
}

/**
 * Groups that deals merged into this one were given of products that would be made now. HubSpot keeps the property
 * values of the surviving deal alone, so only the platform still knows of them. Looked for whatever keeps the deal from
 * being provisioned itself: its age, or a line that nobody understands.
 */
async function findInherited(deps: ActivityDeps, deal: Deal): Promise<LedgerGroup[]> {
  const { lms, catalog } = deps;
  if (deal.mergedDealIds.length === 0) return [];
  const outcome = buildPlan(deal, catalog, { ...contextOf(deps), reconsiders: true });
  const isUnmarked = deal.mark === null || deal.mark.ledger === null;
  const isBlocked = outcome.kind === 'blocked' && deal.isWon && isUnmarked;
  if (outcome.kind !== 'ready' && !isBlocked) return [];
  const planned = outcome.kind === 'ready' ? outcome.plan : null;
  const missing = planned
    ? planned.groups.filter(({ delivered }) => delivered === undefined)
    : seatsByProduct(deal, catalog, []).map(({ product }) => ({ productKey: productKey(product) }));
  const known = new Set(planned?.base.groups.map(({ token }) => token));
  const inherited: LedgerGroup[] = [];
  for (const dealId of deal.mergedDealIds) {
    for (const product of new Set(missing.map(({ productKey }) => productKey))) {
      for (let part = 1; ; part += 1) {
        const token = groupToken({ ...deal, dealId }, { productKey: product, part }, sha256);
        const choice = chooseGroup(await lms.findGroupsByToken(token, cancellationSignal()));
        if (choice === null) break;
        const { id: group, seatCount } = choice.chosen;
        if (!known.has(token))
          inherited.push({ token, product, part, group, issued: seatCount, active: seatCount });
      }
    }
  }
  return inherited;
}

function deliveredGroups(outcome: PlanOutcome): PlannedGroup[] {
  const groups = outcome.kind === 'ready' ? outcome.plan.groups : [];
  const affected = outcome.kind === 'clawBack' ? outcome.clawBack.groups : [];
  return [...groups, ...affected].filter(({ delivered }) => delivered !== undefined);
}

async function readGroups(
  lms: Lms,
  groups: readonly PlannedGroup[],
  countsRedemptions: boolean,
): Promise<ReadonlyMap<string, CodeGroup>> {
  const found = new Map<string, CodeGroup>();
  for (const { delivered } of groups) {
    if (!delivered) continue;
    const { groupId } = delivered;
    const group = await lms.getGroup(groupId, cancellationSignal());
    // People decide by this number, so it is counted, not taken from a summary.
    const redeemedCount = countsRedemptions ? await countRedeemed(lms, groupId) : group.redeemedCount;
    found.set(groupId, { ...group, redeemedCount });
  }
  return found;
}

async function countRedeemed(lms: Lms, groupId: string): Promise<number> {
  let count = 0;
  for await (const page of lms.listCodes(groupId, cancellationSignal())) {
    count += page.filter(({ isRedeemed }) => isRedeemed).length;
  }
  return count;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
