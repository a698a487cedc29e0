import { compareText } from '../compare-text.ts';
import { type Catalog, mailToolFor } from '../deal/catalog.ts';
import type { Deal, DealContact } from '../deal/deal.ts';
import { messageKey, type Sha256Hex } from '../deal/ids.ts';
import type { Audience } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName } from '../names.ts';
import type { PlannedGroup, PlannedMessage } from './plan.ts';
import type { SoldSeats } from './sale.ts';

/** The contact with the buyer role; else the primary one; else the only one; else people must decide. */
export function findBuyer(deal: Deal, catalog: Catalog, problems: Problem[]): DealContact | null {
  const role = catalog.buyer[deal.crm] ?? null;
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
      problem('deal.buyer_email_missing', `Contact ${buyer.id} is the buyer and has no e-mail address.`),
    );
  }
  return buyer;
}

export function findLearners(
  deal: Deal,
  catalog: Catalog,
  seats: readonly SoldSeats[],
  problems: Problem[],
): readonly DealContact[] {
  const role = catalog.handOver.learners[deal.crm] ?? null;
  const learners = contactsWithRole(deal, role).sort((a, b) => compareText(a.id, b.id));
  if (learners.length === 0) {
    problems.push(
      problem('deal.learners_missing', `Deal ${deal.dealId} has no contact with the role "${role}".`),
    );
  }
  for (const learner of learners) {
    if (learner.email !== null) continue;
    problems.push(
      problem('deal.learner_email_missing', `Contact ${learner.id} is a learner and has no e-mail address.`),
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

interface MessageFacts {
  readonly buyer: DealContact;
  readonly learners: readonly DealContact[];
  readonly groups: readonly PlannedGroup[];
  readonly revision: string;
  readonly audience: Audience;
}

/** Learners are written to again only when they get a code of another kind, not when spare seats are added. */
function firstGroups(groups: readonly PlannedGroup[]): string[] {
  const first = new Map<string, string>();
  for (const { productKey, token } of groups) if (!first.has(productKey)) first.set(productKey, token);
  return [...first.values()].sort();
}

/**
 * Who is written to. A tool that cannot bring learners their own link leaves them to the customer's flow; the buyer
 * hears of codes that are left over.
 */
export function planMessages(
  deal: Deal,
  catalog: Catalog,
  { buyer, learners, groups, revision, audience }: MessageFacts,
  sha256: Sha256Hex,
): PlannedMessage[] {
  const { via, traits } = mailToolFor(catalog, deal.crm);
  if (via === 'none') return [];
  const codesOfLearner = firstGroups(groups).join(' ');
  const message = (contact: DealContact, to: 'buyer' | 'learner'): PlannedMessage => ({
    contactId: contact.id,
    audience: to,
    sendKey: messageKey(deal, contact.id, sha256, to === 'learner' ? codesOfLearner : revision),
  });
  if (audience === 'buyer') return [message(buyer, 'buyer')];
  const toLearners = traits.reachesLearners ? learners.map((learner) => message(learner, 'learner')) : [];
  const buyerIsLearner = toLearners.some(({ contactId }) => contactId === buyer.id);
  return traits.writesToPeople && hasSpareCodes(groups, learners.length) && !buyerIsLearner
    ? [...toLearners, message(buyer, 'buyer')]
    : toLearners;
}

/** Each learner gets one code of each product. */
function hasSpareCodes(groups: readonly PlannedGroup[], learnerCount: number): boolean {
  const seats = new Map<string, number>();
  for (const { productKey, seatCount } of groups) {
    seats.set(productKey, (seats.get(productKey) ?? 0) + seatCount);
  }
  return [...seats.values()].some((count) => count > learnerCount);
}

function contactsWithRole(deal: Deal, role: string | null): DealContact[] {
  if (role === null) return [];
  return deal.contacts.filter(({ roles }) => roles.some((name) => isSameName(name, role)));
}
