import { compareText } from '../compare-text.ts';
import { type Catalog, mailToolFor, productKey } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { rosterToken, type Sha256Hex } from '../deal/ids.ts';
import { slug } from '../deal/label.ts';
import { activeSeatsByProduct, type Ledger } from '../deal/ledger.ts';
import { wonAtOf } from '../deal/won-at.ts';
import { type Problem, problem } from '../failure.ts';
import { leftForBuyer } from '../seats/reader-seats.ts';
import { fitsWorkbook } from '../seats/roster.ts';
import { countOf, numberOf } from '../words.ts';
import { comersOf, hasSeatsFor, leftFor, seatComing, together } from './comers.ts';
import type { Difference } from './compare.ts';
import { type Facts, isForNewLearners } from './facts.ts';
import { closeDateMissing, existingGroup, newGroups } from './groups.ts';
import { withoutRetired } from './ledger-after.ts';
import { decisionProblems, MAX_SEATS_PER_DEAL, sizeProblems } from './limits.ts';
import { findPartner, partnerProblems } from './partner.ts';
import {
  findBuyer,
  findLearners,
  type Person,
  planMessages,
  possibleCarriers,
  tooFewLeft,
} from './people.ts';
import type { Plan, PlannedGroup } from './plan.ts';
import { QUESTION_ID_LENGTH, type Question } from './question.ts';
import type { Swap } from './reading.ts';
import type { SoldSeats } from './sale.ts';
import { planSwaps, swapOf } from './swaps.ts';

/** The plan that makes what is missing and hands over everything, or everything that people must fix first. */
export function completePlan(
  difference: Difference,
  facts: Facts,
):
  | { readonly plan: Plan; readonly question: Question | null }
  | { readonly swap: Swap; readonly question: Question }
  | { readonly problems: readonly Problem[] } {
  const { deal, catalog, rules, sold, raised } = difference;
  const base = boundLedger(difference);
  const problems = [...difference.problems];
  const seatTotal = sold.reduce((sum, { seatCount }) => sum + seatCount, 0);
  if (seatTotal > MAX_SEATS_PER_DEAL) {
    const message = `The deal sells ${countOf(seatTotal, 'seat')}; expected at most ${numberOf(MAX_SEATS_PER_DEAL)}.`;
    return { problems: [...problems, problem('deal.quantity_invalid', message)] };
  }
  const missing = missingSeats(
    sold,
    base,
    raised.map(({ productKey: key }) => key),
  );
  const isForNew = isForNewLearners(difference);
  const added = new Map(missing.map(({ product, seatCount }) => [productKey(product), seatCount]));
  const comers = comersOf(difference, facts);
  const swaps = planSwaps(difference, comers, facts, added);
  const fresh = newGroups(difference, together(sold, added, swaps.replaced), problems);
  // Without a line that is understood there is no group to need these, but people hear of all problems at once.
  const isNothingUnderstood = sold.length === 0 && base.groups.length === 0;
  if (isNothingUnderstood && deal.closeDate === null) problems.push(closeDateMissing());
  if (isNothingUnderstood || missing.length + difference.inherited.length > 0) {
    problems.push(...partnerProblems(deal, catalog));
  }
  const groups = [
    ...withoutRetired(base, swaps.retired)
      // One of which every code goes is still listed: its codes are taken from people.
      .filter(({ active, token }) => active > 0 || swaps.retired[token] !== undefined)
      .map((entry) => existingGroup(entry, catalog, facts)),
    ...fresh,
  ].sort((a, b) => compareText(a.productKey, b.productKey) || a.part - b.part);
  const audience = base.audience ?? catalog.handOver.to;
  const terms = { catalog, roleWord: rules.crm.contactRole };
  const buyer = findBuyer(deal, terms, problems);
  const handed = new Set(isForNew ? base.learners : []);
  const allLearners =
    audience === 'learners'
      ? findLearners(
          deal,
          terms,
          { seats: sold, handed, without: facts.seats?.without ?? [], declined: base.declined },
          problems,
        )
      : [];
  const newIds = new Set(difference.newLearners.map(({ id }) => id));
  // Where none of them is left, the roster is all that is still to be written.
  const left = leftFor(facts, { replaced: swaps.replaced, added, comers });
  const isOut = ({ id }: Person) =>
    base.declined?.[id] !== undefined && !newIds.has(id) && !hasSeatsFor(base, { added, comers, left });
  const learners =
    isForNew && newIds.size > 0
      ? allLearners.filter(({ id }) => newIds.has(id))
      : allLearners.filter((person) => !isOut(person));
  const learnerContactIds = learners.map(({ id }) => id);
  const swapping = swapOf(difference, swaps, rules.sha256);
  const tooFew = swapping === null && tooFewLeft(comers, base, left?.now);
  if (tooFew)
    problems.push(left && comers.length <= left.soon ? seatComing(comers.length - left.now) : tooFew);
  if (problems.length > 0 || buyer === null) return { problems };
  if (swapping !== null) {
    const tooLong = decisionProblems(swapping.question.ifLeft, deal, rules);
    return tooLong.length > 0 ? { problems: tooLong } : swapping;
  }

  const seatsRevision = revisionOf(groups, rules.sha256);
  const revision =
    audience === 'learners' ? revisionOf(groups, rules.sha256, learnerContactIds) : seatsRevision;
  const isAmendment = base.groups.some(({ isNew }) => !isNew);
  const isSpareKept =
    audience === 'learners' && catalog.handOver.leftOver === 'laterLearners' && !base.isSpareOut;
  const isRepair = fresh.length === 0 && !base.isPending && !isForNew;
  const people = { buyer, learners, groups, revision: seatsRevision, audience, isSpareKept };
  const withoutHash = {
    deal: { crm: deal.crm, account: deal.account, dealId: deal.dealId },
    dealName: deal.name,
    dealUrl: deal.url,
    companyName: deal.company?.name || null,
    ...displayNameOf(deal, catalog),
    ownerId: deal.owner?.id ?? null,
    groups,
    seatCount: seatsOf(groups),
    addedSeats: seatsOf(fresh),
    revision,
    isAmendment,
    base,
    isReconsidered: difference.isReconsidered,
    wonAt: wonAtOf(deal),
    audience,
    buyerContactId: buyer.id,
    learnerContactIds,
    ...(swaps.leaving.length === 0 ? {} : { leaving: swaps.leaving, retired: swaps.retired }),
    isSpareKept,
    mailTool: mailToolFor(catalog, deal.crm),
    // A roster that is put back tells nobody anything new.
    messages: isRepair
      ? []
      : planMessages(deal, catalog, people, rules.sha256).filter(
          ({ contactId, audience: to }) =>
            !isForNew || (to === 'learner' && newIds.has(contactId) && !needsNoCode(facts, contactId)),
        ),
    rosterFileName: rosterFileName({ deal, catalog }, base, rules.sha256),
    ...(fitsWorkbook(seatsOf(leftForBuyer(groups, learnerContactIds.length)))
      ? withWorkbook(catalog, rules)
      : {}),
  };
  const plan: Plan = {
    ...withoutHash,
    hash: rules.sha256(JSON.stringify({ ...withoutHash, groups: groups.map(hashedGroup) })),
    carriers: possibleCarriers(deal, base),
    supersededRosters: deal.mergedDealIds.map((dealId) => rosterToken({ ...deal, dealId }, rules.sha256)),
  };
  const tooLarge = sizeProblems(plan, rules);
  if (tooLarge.length > 0) return { problems: tooLarge };
  return { plan, question: approvalQuestion(plan, { catalog, sold, raised, sha256: rules.sha256 }) };
}

/** What the platform says of an existing group is no part of the plan: a dry run does not ask for it. */
function hashedGroup(group: PlannedGroup): unknown {
  return group.existing ? { token: group.token, seatCount: group.seatCount } : group;
}

function approvalQuestion(
  plan: Plan,
  {
    catalog,
    sold,
    raised,
    sha256,
  }: Pick<Difference, 'sold' | 'raised'> & { readonly catalog: Catalog; readonly sha256: Sha256Hex },
): Question | null {
  const { addedSeats, base, wonAt } = plan;
  if (catalog.approveAboveSeats === null || addedSeats <= catalog.approveAboveSeats) return null;
  const keys = new Set(raised.map(({ productKey: key }) => key));
  const left = sold
    .filter(({ product }) => keys.has(productKey(product)))
    .map(({ product, seatCount }) => [productKey(product), { sold: seatCount, wonAt }] as const);
  return {
    id: sha256(JSON.stringify(['approval', plan.hash])).slice(0, QUESTION_ID_LENGTH),
    kind: 'approval',
    problems: [
      problem(
        'approval.required',
        `${countOf(addedSeats, 'seat')} ${addedSeats === 1 ? 'needs' : 'need'} approval: the limit is ${numberOf(catalog.approveAboveSeats)}`,
      ),
    ],
    subject: 'Dealseat waits for approval',
    step: 'Waiting for approval',
    ifLeft: { ...base, settled: { ...base.settled, ...Object.fromEntries(left) } },
  };
}

function missingSeats(sold: readonly SoldSeats[], base: Ledger, raised: readonly string[]): SoldSeats[] {
  const delivered = activeSeatsByProduct(base);
  return sold
    .filter(({ product }) => raised.includes(productKey(product)))
    .map(({ product, seatCount }) => ({
      product,
      seatCount: seatCount - (delivered.get(productKey(product)) ?? 0),
    }));
}

function displayNameOf(deal: Deal, catalog: Catalog): { readonly displayName?: string } {
  const { displayName } = findPartner(deal, catalog) ?? {};
  return displayName === undefined ? {} : { displayName };
}

/** The buyer sees it, so it has the customer's name and not that of the deal. */
export function rosterFileName(
  { deal, catalog }: { readonly deal: Deal; readonly catalog: Catalog },
  { roster }: Ledger,
  sha256: Sha256Hex,
): string {
  const customer = displayNameOf(deal, catalog).displayName ?? deal.company?.name ?? '';
  return (
    roster?.file ?? `roster-${slug(customer, 40) || slug(deal.dealId, 40)}-${rosterToken(deal, sha256)}.csv`
  );
}

export function withWorkbook(
  { handOver }: Catalog,
  { crm }: Difference['rules'],
): { readonly hasWorkbook?: true } {
  return (handOver.workbook ?? crm.takesFilesTogether === true) ? { hasWorkbook: true } : {};
}

function revisionOf(
  groups: readonly PlannedGroup[],
  sha256: Sha256Hex,
  learnerIds?: readonly string[],
): string {
  const seats = groups.map(({ token, seatCount }) => [token, seatCount]);
  return sha256(JSON.stringify(learnerIds === undefined ? seats : [seats, learnerIds])).slice(0, 12);
}

/** Access was given directly, for everything that the person has. */
function needsNoCode({ seats }: Facts, contactId: string): boolean {
  const held = seats?.held.filter((seat) => seat.contactId === contactId) ?? [];
  return held.length > 0 && held.every(({ token }) => token === '');
}

/** Nobody vouches for an unsealed ledger, so the codes that were left over may be with the buyer. */
function boundLedger({ ledger, isBindingDue }: Difference): Ledger {
  return isBindingDue && ledger.audience === 'learners' ? { ...ledger, isSpareOut: true } : ledger;
}

function seatsOf(groups: readonly Pick<PlannedGroup, 'seatCount'>[]): number {
  return groups.reduce((sum, { seatCount }) => sum + seatCount, 0);
}
