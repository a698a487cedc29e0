import {
  type Catalog,
  type CatalogPartner,
  type CatalogProduct,
  type GrantingProduct,
  mailToolFor,
  type ProductMatch,
  productKey,
  roleNameFor,
} from './catalog.ts';
import type { Deal, DealContact, LineItem } from './deal.ts';
import { type Problem, problem } from './failure.ts';
import { groupToken, messageKey, rosterToken, type Sha256Hex } from './ids.ts';
import { groupLabel, slug } from './label.ts';
import type { DealSummary, Plan, PlannedGroup, PlannedMessage, PlanOutcome } from './plan.ts';

/** The create call takes no more codes than this: Create Redemption Code Group, `totalCodesCount`. */
export const MAX_SEATS_PER_GROUP = 10_000;
/** Ten groups. A larger number is a typing error more often than a sale, and a roster of it would not open. */
export const MAX_SEATS_PER_DEAL = 100_000;

interface PlanContext {
  readonly sha256: Sha256Hex;
  /** Calendar day, `YYYY-MM-DD`: codes that would be dead on arrival are a problem. */
  readonly today: string;
}

/** Deal + catalog -> plan, or everything that stands in its way at once. Pure: the same input gives the same plan. */
export function buildPlan(deal: Deal, catalog: Catalog, context: PlanContext): PlanOutcome {
  const summary = summarize(deal);
  if (deal.mark?.status === 'Delivered') return { kind: 'delivered', deal: summary, mark: deal.mark };
  if (!deal.isWon) {
    const reason = problem(
      'deal.not_won',
      `Deal ${deal.dealId} is in stage "${deal.stage}", which is not a won stage.`,
    );
    return { kind: 'skipped', deal: summary, reason };
  }

  const problems: Problem[] = [];
  const seats = seatsByProduct(deal, catalog, problems);
  if (problems.length === 0 && seats.length === 0) {
    const reason = problem('deal.no_seats', `Deal ${deal.dealId} has only products that give no seats.`);
    return { kind: 'skipped', deal: summary, reason };
  }
  const seatTotal = seats.reduce((sum, { seatCount }) => sum + seatCount, 0);
  if (seatTotal > MAX_SEATS_PER_DEAL) {
    const message = `Deal ${deal.dealId} has ${seatTotal} seats; expected at most ${MAX_SEATS_PER_DEAL}.`;
    return {
      kind: 'blocked',
      deal: summary,
      problems: [...problems, problem('deal.quantity_invalid', message)],
    };
  }
  const groups = planGroups(deal, catalog, seats, context, problems);
  const buyer = findBuyer(deal, catalog, problems);
  const learners = findLearners(deal, catalog, seats, problems);
  if (problems.length > 0 || buyer === null) return { kind: 'blocked', deal: summary, problems };

  const withoutHash = {
    deal: { crm: deal.crm, account: deal.account, dealId: deal.dealId },
    dealName: deal.name,
    dealUrl: deal.url,
    companyName: deal.company?.name ?? null,
    ownerId: deal.owner?.id ?? null,
    groups,
    seatCount: seatTotal,
    audience: catalog.handOver.to,
    buyerContactId: buyer.id,
    learnerContactIds: learners.map((learner) => learner.id),
    mailTool: mailToolFor(catalog, deal.crm),
    messages: planMessages(deal, catalog, buyer, learners, seatTotal, context.sha256),
    rosterFileName: `roster-${slug(deal.name, 40) || deal.dealId}-${rosterToken(deal, context.sha256)}.csv`,
    needsApproval: catalog.approveAboveSeats !== null && seatTotal > catalog.approveAboveSeats,
  };
  const plan: Plan = { ...withoutHash, hash: context.sha256(JSON.stringify(withoutHash)) };
  return { kind: 'ready', plan };
}

/** HubSpot answers for a merged deal with the surviving one, which has a run of its own. */
export function planMergedDeal(askedDealId: string, survivor: Deal): PlanOutcome {
  const message = `Deal ${askedDealId} was merged into deal ${survivor.dealId}.`;
  return { kind: 'skipped', deal: summarize(survivor), reason: problem('deal.merged', message) };
}

function summarize(deal: Deal): DealSummary {
  return {
    dealId: deal.dealId,
    name: deal.name,
    url: deal.url,
    ownerId: deal.owner?.id ?? null,
    markedStatus: deal.mark?.status ?? null,
  };
}

interface ProductSeats {
  readonly product: GrantingProduct;
  readonly seatCount: number;
}

/** Adds up the seats of all lines of one product, so that a split or re-created line changes nothing. */
function seatsByProduct(deal: Deal, catalog: Catalog, problems: Problem[]): ProductSeats[] {
  if (deal.lineItems.length === 0) {
    problems.push(problem('deal.no_line_items', `Deal ${deal.dealId} has no line items.`));
  }
  const seats = new Map<string, ProductSeats>();
  for (const line of deal.lineItems) {
    const product = findProduct(line, deal, catalog, problems);
    if (product === null || product.ignore) continue;
    if (line.quantity === null || !Number.isSafeInteger(line.quantity) || line.quantity < 1) {
      const found = line.quantity === null ? 'no quantity' : `quantity ${line.quantity}`;
      problems.push(
        problem(
          'deal.quantity_invalid',
          `Line item "${line.name}" has ${found}; expected a whole number of at least 1.`,
        ),
      );
      continue;
    }
    const key = productKey(product.match);
    const soFar = seats.get(key)?.seatCount ?? 0;
    seats.set(key, { product, seatCount: soFar + line.quantity * product.seatsPerUnit });
  }
  return [...seats.values()].sort((a, b) =>
    compare(productKey(a.product.match), productKey(b.product.match)),
  );
}

function findProduct(
  line: LineItem,
  deal: Deal,
  catalog: Catalog,
  problems: Problem[],
): CatalogProduct | null {
  const found = catalog.products.find((product) => matchesProduct(product.match, line, deal));
  if (found) return found;
  if (line.sku === null && line.productId === null) {
    problems.push(
      problem('deal.line_item_unidentified', `Line item "${line.name}" has neither a SKU nor a product.`),
    );
    return null;
  }
  const identity = [
    line.sku === null ? '' : `SKU ${line.sku}`,
    line.productId === null ? '' : `product ${line.productId}`,
  ];
  problems.push(
    problem(
      'catalog.product_unmapped',
      `Line item "${line.name}" (${identity.filter((part) => part !== '').join(', ')}) matches no product in the catalog.`,
    ),
  );
  return null;
}

function matchesProduct(match: ProductMatch, line: LineItem, deal: Deal): boolean {
  if ('sku' in match) return line.sku === match.sku;
  if ('hubspotProductId' in match) return deal.crm === 'hubspot' && line.productId === match.hubspotProductId;
  return deal.crm === 'salesforce' && line.productId === match.salesforceProductId;
}

function planGroups(
  deal: Deal,
  catalog: Catalog,
  seats: readonly ProductSeats[],
  context: PlanContext,
  problems: Problem[],
): PlannedGroup[] {
  const { closeDate } = deal;
  if (closeDate === null) {
    problems.push(problem('deal.close_date_missing', `Deal ${deal.dealId} has no close date.`));
    return [];
  }
  const partner = findPartner(deal, catalog);
  return seats.flatMap(({ product, seatCount }) => {
    const codesExpireOn =
      product.codesExpireAfterDays === null ? null : addDays(closeDate, product.codesExpireAfterDays);
    const accessUntil = product.access !== null && 'until' in product.access ? product.access.until : null;
    for (const [what, day] of [
      ['codes would expire', codesExpireOn],
      ['access would end', accessUntil],
    ] as const) {
      if (day !== null && day < context.today) {
        const message = `Product "${product.title}": ${what} on ${day}, which has passed.`;
        problems.push(problem('catalog.rule_broken', message));
      }
    }
    return splitSeats(seatCount).map((partSeats, index) => {
      const key = productKey(product.match);
      const token = groupToken(deal, { productKey: key, part: index + 1 }, context.sha256);
      const partnerName = partner?.label ?? deal.company?.name ?? deal.name;
      return {
        token,
        label: groupLabel({ partner: partnerName, content: product.title, closeDate, token }),
        productKey: key,
        title: product.title,
        part: index + 1,
        seatCount: partSeats,
        codeLength: product.codeLength,
        client: partner?.client ?? null,
        codesExpireAt: codesExpireOn === null ? null : endOfDay(codesExpireOn),
        accessDays: product.access !== null && 'days' in product.access ? product.access.days : null,
        accessUntil: accessUntil === null ? null : endOfDay(accessUntil),
        grants: product.grants,
        redeemUrl: partner?.redeemUrl ?? catalog.redeemUrl,
      };
    });
  });
}

/** Full groups first, the rest last: the parts of a larger quantity stay the same. */
function splitSeats(seatCount: number): number[] {
  const parts: number[] = [];
  for (let left = seatCount; left > 0; left -= MAX_SEATS_PER_GROUP)
    parts.push(Math.min(left, MAX_SEATS_PER_GROUP));
  return parts;
}

function findPartner(deal: Deal, catalog: Catalog): CatalogPartner | null {
  const { company } = deal;
  if (company === null) return null;
  const sameText = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
  const found = catalog.partners.find(({ match }) => {
    if ('company' in match) return sameText(match.company, company.name);
    if ('domain' in match) return company.domain !== null && sameText(match.domain, company.domain);
    if ('hubspotCompanyId' in match) return deal.crm === 'hubspot' && match.hubspotCompanyId === company.id;
    return deal.crm === 'salesforce' && match.salesforceAccountId === company.id;
  });
  return found ?? null;
}

/** The contact with the buyer role; else the primary one; else the only one; else people must decide. */
function findBuyer(deal: Deal, catalog: Catalog, problems: Problem[]): DealContact | null {
  const role = roleNameFor(catalog.buyer, deal.crm);
  const withRole = contactsWithRole(deal, role);
  const candidates = withRole.length > 0 ? withRole : deal.contacts;
  const buyer = candidates.length === 1 ? candidates[0] : candidates.find((contact) => contact.isPrimary);
  if (buyer === undefined) {
    const expected =
      role === null ? 'a primary contact or exactly one contact' : `one contact with the role "${role}"`;
    problems.push(
      problem(
        'deal.buyer_missing',
        `Deal ${deal.dealId}: ${candidates.length} contacts could be the buyer; expected ${expected}.`,
      ),
    );
    return null;
  }
  if (buyer.email === null) {
    problems.push(
      problem(
        'deal.buyer_email_missing',
        `Contact ${describeContact(buyer)} is the buyer and has no e-mail address.`,
      ),
    );
  }
  return buyer;
}

function findLearners(
  deal: Deal,
  catalog: Catalog,
  seats: readonly ProductSeats[],
  problems: Problem[],
): readonly DealContact[] {
  if (catalog.handOver.to !== 'learners') return [];
  const role = roleNameFor(catalog.handOver.learners, deal.crm);
  const learners = contactsWithRole(deal, role).sort((a, b) => compare(a.id, b.id));
  if (learners.length === 0) {
    problems.push(
      problem('deal.learners_missing', `Deal ${deal.dealId} has no contact with the role "${role}".`),
    );
  }
  for (const learner of learners) {
    if (learner.email !== null) continue;
    problems.push(
      problem(
        'deal.learner_email_missing',
        `Contact ${describeContact(learner)} is a learner and has no e-mail address.`,
      ),
    );
  }
  for (const { product, seatCount } of seats) {
    if (seatCount >= learners.length) continue;
    problems.push(
      problem(
        'deal.too_few_seats',
        `"${product.title}" has ${seatCount} seats for ${learners.length} learners of the deal.`,
      ),
    );
  }
  return learners;
}

/**
 * Who is written to. A learner can be reached only by the tools that merge the contact's own link, so in
 * Salesforce learners are left to the customer's flow; the buyer hears of codes that are left over.
 */
function planMessages(
  deal: Deal,
  catalog: Catalog,
  buyer: DealContact,
  learners: readonly DealContact[],
  seatCount: number,
  sha256: Sha256Hex,
): PlannedMessage[] {
  const { via } = mailToolFor(catalog, deal.crm);
  if (via === 'none') return [];
  const message = (contact: DealContact, audience: 'buyer' | 'learner'): PlannedMessage => ({
    contactId: contact.id,
    audience,
    sendKey: messageKey(deal, contact.id, sha256),
  });
  if (catalog.handOver.to === 'buyer') return [message(buyer, 'buyer')];
  const toLearners = via === 'emailSimple' ? [] : learners.map((learner) => message(learner, 'learner'));
  const writesToPeople = via === 'singleSend' || via === 'emailSimple';
  const buyerIsLearner = toLearners.some(({ contactId }) => contactId === buyer.id);
  const hasSpareCodes = seatCount > learners.length;
  return writesToPeople && hasSpareCodes && !buyerIsLearner
    ? [...toLearners, message(buyer, 'buyer')]
    : toLearners;
}

function contactsWithRole(deal: Deal, role: string | null): DealContact[] {
  if (role === null) return [];
  const wanted = role.toLowerCase();
  return deal.contacts.filter((contact) => contact.roles.some((name) => name.toLowerCase() === wanted));
}

function describeContact(contact: DealContact): string {
  const name = [contact.firstName, contact.lastName].filter((part) => part !== null).join(' ');
  return name === '' ? contact.id : `${name} (${contact.id})`;
}

/** The platform's time zone for bare dates is not documented, so instants are sent: the end of that day, UTC. */
function endOfDay(day: string): string {
  return `${day}T23:59:59.000Z`;
}

function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
