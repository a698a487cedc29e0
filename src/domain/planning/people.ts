import { compareText } from '../compare-text.ts';
import { cut } from '../cut.ts';
import { type Catalog, mailToolFor, productKey } from '../deal/catalog.ts';
import type { Deal, DealContact, UnseenContact } from '../deal/deal.ts';
import { messageKey, type Sha256Hex } from '../deal/ids.ts';
import { type Audience, handedLearners, type Ledger } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName, nameKey } from '../names.ts';
import { contactCalled } from '../texts/contacts.ts';
import { listed } from '../texts/sentences.ts';
import { countOf } from '../words.ts';
import type { PlannedGroup, PlannedMessage, PossibleCarriers } from './plan.ts';
import type { SoldSeats } from './sale.ts';
import type { SeatFacts } from './seat-facts.ts';

/** `roleWord`: `CrmFacts.contactRole`. */
export interface PeopleTerms {
  readonly catalog: Catalog;
  readonly roleWord: string;
}

/** A contact of the deal, whether the CRM shows it or not. */
export type Person = DealContact | UnseenContact;

/**
 * The contact with the buyer role. Where the deal says nothing of its contacts, the only one or the primary one; where
 * it gives them other roles than the catalog knows, people decide, because a role that was renamed or translated would
 * else give everything to somebody else. Who is not shown counts like anybody, and can only be asked for.
 */
export function findBuyer(
  deal: Deal,
  { catalog, roleWord }: PeopleTerms,
  problems: Problem[],
): DealContact | null {
  const role = catalog.buyer.roles[deal.crm] ?? null;
  const withRole = peopleWithRole(deal, role);
  const unknown = unknownRoles(deal, catalog);
  const isRoleNeeded = catalog.buyer.isRequired || (role !== null && unknown.length > 0);
  const fallback = isRoleNeeded ? [] : [...deal.contacts, ...deal.unseenContacts];
  const candidates: readonly Person[] = withRole.length > 0 ? withRole : fallback;
  const buyer = candidates.length === 1 ? candidates[0] : candidates.find((person) => person.isPrimary);
  if (buyer === undefined) {
    problems.push(buyerMissing({ role, roleWord, candidates, unknown, isRoleNeeded }));
    return null;
  }
  if ('why' in buyer) {
    problems.push(
      unseen(buyer, withRole.length > 0 ? `has the ${roleWord} "${role}"` : 'would be the buyer'),
    );
    return null;
  }
  if (buyer.email === null) {
    problems.push(
      problem('deal.buyer_email_missing', `The buyer, ${contactCalled(buyer.id)}, has no e-mail address.`),
    );
  }
  return buyer;
}

function buyerMissing(found: {
  readonly role: string | null;
  readonly roleWord: string;
  readonly candidates: readonly Person[];
  readonly unknown: readonly string[];
  readonly isRoleNeeded: boolean;
}): Problem {
  const { role, roleWord, candidates, unknown, isRoleNeeded } = found;
  const seen = candidates.filter((person) => !('why' in person));
  const hidden = idsOf(candidates, 'hidden');
  const gone = idsOf(candidates, 'gone');
  const expected =
    role === null && !isRoleNeeded
      ? 'Choose one of them as the primary contact, or leave only the buyer on the deal.'
      : role === null
        ? 'Ask your Dealseat administrator to say in the catalog how the buyer is marked in this CRM.'
        : `Give exactly one contact of the deal the ${roleWord} "${role}".`;
  const said = [
    candidates.length === 0
      ? `No contact of the deal ${role === null ? 'can be the buyer' : `has the ${roleWord} "${role}"`}.`
      : `${countOf(candidates.length, 'contact')} of the deal could be the buyer${seen.length === 0 ? '' : `: ${few(seen.map(({ id }) => contactCalled(id)))}`}.`,
    unknown.length === 0 || candidates.length > 0
      ? ''
      : `Its contacts have the ${roleWord}${unknown.length === 1 ? '' : 's'} ${few(unknown.map(quoted))}.`,
    hidden.length === 0
      ? ''
      : `${hidden.length} of them ${hidden.length === 1 ? 'is' : 'are'} hidden from Dealseat: ${few(hidden.map(contactCalled))}.`,
    gone.length === 0
      ? ''
      : `${gone.length} of them ${gone.length === 1 ? 'was' : 'were'} deleted (${few(gone.map(contactCalled))}): take ${gone.length === 1 ? 'it' : 'them'} off the deal, or mark another contact.`,
  ].filter((part) => part !== '');
  return problem('deal.buyer_missing', [...said, expected].join(' '));
}

function idsOf(people: readonly Person[], why: UnseenContact['why']): string[] {
  return people.flatMap((person) => ('why' in person && person.why === why ? person.id : []));
}

/** Roles on the deal that are neither the buyer's nor the learners'. */
function unknownRoles({ crm, contacts, unseenContacts }: Deal, { buyer, handOver }: Catalog): string[] {
  const known = [buyer.roles[crm], handOver.learners[crm]].map((role) => nameKey(role ?? ''));
  const roles = [...contacts, ...unseenContacts].flatMap((person) => person.roles);
  return [...new Set(roles)].filter((role) => !known.includes(nameKey(role))).sort(compareText);
}

function unseen({ id, why }: UnseenContact, is: string): Problem {
  return why === 'hidden'
    ? problem(
        'crm.forbidden',
        `Contact ${id} of the deal ${is} and is hidden from the integration user: let that user read it.`,
        { onDeal: `a contact of this deal ${is}, and Dealseat cannot see it` },
      )
    : problem('deal.contact_gone', `A contact of the deal ${is} and was deleted (id ${id}).`);
}

function quoted(word: string): string {
  return `"${cut(word, 80)}"`;
}

function few(words: readonly string[]): string {
  const shown = words.slice(0, 5);
  return words.length > 5 ? `${shown.join(', ')} and ${words.length - 5} more` : listed(shown);
}

/**
 * `handed`: contacts who have their codes and get no other, so nothing about them is a problem. `without`: whose seat of a
 * product was taken back, so that they need none.
 */
export function findLearners(
  deal: Deal,
  { catalog, roleWord }: PeopleTerms,
  {
    seats,
    handed,
    without,
    declined = {},
  }: {
    readonly seats: readonly SoldSeats[];
    readonly handed: ReadonlySet<string>;
    readonly without: SeatFacts['without'];
    /** Who is to have no seat at all. */
    readonly declined: Ledger['declined'];
  },
  problems: Problem[],
): readonly DealContact[] {
  const role = catalog.handOver.learners[deal.crm] ?? null;
  const people = peopleWithRole(deal, role).sort((a, b) => compareText(a.id, b.id));
  if (people.length === 0) {
    problems.push(
      problem('deal.learners_missing', `The deal has no contact with the ${roleWord} "${role}".`),
    );
  }
  for (const person of people) {
    if (handed.has(person.id)) continue;
    if ('why' in person) problems.push(unseen(person, `has the ${roleWord} "${role}"`));
    else if (person.email === null) {
      problems.push(
        problem(
          'deal.learner_email_missing',
          `The learner ${contactCalled(person.id)} has no e-mail address.`,
        ),
      );
    }
  }
  for (const { product, seatCount } of seats) {
    const key = productKey(product);
    const out = new Set(
      without.flatMap((one) => (one.productKey === key && handed.has(one.contactId) ? one.contactId : [])),
    );
    const learners = people.filter(({ id }) => !out.has(id) && declined[id] === undefined).length;
    if (seatCount >= learners) continue;
    problems.push(
      problem(
        'deal.too_few_seats',
        `"${product.title}" has ${countOf(seatCount, 'seat')} for ${countOf(learners, 'learner')} of the deal.`,
      ),
    );
  }
  return people.filter((person): person is DealContact => !('why' in person));
}

/** `known`: the codes that are left by the seat store. More of them than codes are left. Of several products there may be too few of one all the same: `allot` counts. */
export function tooFewLeft(
  learnerIds: readonly string[],
  { roster, isSpareOut }: Ledger,
  known?: number,
): Problem | null {
  const left = known ?? (isSpareOut ? 0 : (roster?.codes ?? 0));
  if (learnerIds.length <= left) return null;
  const why = isSpareOut ? '; the codes that were left over went to the buyer' : '';
  const message = `${countOf(left, 'unused code')} for ${countOf(learnerIds.length, 'learner')} who came after the delivery: ${few(learnerIds.map(contactCalled))}${why}`;
  return problem('deal.too_few_seats', message);
}

/**
 * Learners of a delivered deal whom no finished hand-over was for, by what the ledger says: a field of the contact is
 * edited by people.
 */
export function newLearners(
  deal: Deal,
  catalog: Catalog,
  { audience, learners = [], declined = {} }: Pick<Ledger, 'audience' | 'learners' | 'declined'>,
  isAskedByPerson = false,
): Person[] {
  if (audience !== 'learners') return [];
  const gone = goneLearners(deal, catalog, { learners });
  const isDeclined = ([, kept]: readonly [string, readonly string[]]) =>
    !isAskedByPerson && [...gone].every((id) => kept.includes(id));
  const left = Object.entries(declined).filter(isDeclined);
  const known = new Set([...learners, ...left.map(([id]) => id)]);
  return learnersOf(deal, catalog).filter((person) =>
    'why' in person ? person.why === 'hidden' && !known.has(person.id) : !known.has(person.id),
  );
}

/** Had codes, and are no learners of the deal now. Where contacts are hidden nobody can say who is gone. */
export function goneLearners(
  deal: Deal,
  catalog: Catalog,
  { learners = [] }: Pick<Ledger, 'learners'>,
): ReadonlySet<string> {
  if (deal.unseenContacts.some(({ why }) => why === 'hidden')) return new Set();
  const present = new Set(learnersOf(deal, catalog).map(({ id }) => id));
  return new Set(learners.filter((id) => !present.has(id)));
}

export function possibleCarriers({ contacts, mergedDealIds }: Deal, ledger: Ledger): PossibleCarriers {
  const present = new Set(contacts.map(({ id }) => id));
  const former = handedLearners(ledger).filter((id) => !present.has(id));
  const merged = contacts.flatMap(({ id, formerIds }) => formerIds.map((was) => [was, id] as const));
  return {
    present: [...present].sort(compareText),
    former: former.sort(compareText),
    ...(merged.length === 0 ? {} : { merged: Object.fromEntries(merged) }),
    ...(mergedDealIds.length === 0 ? {} : { mergedDealIds }),
  };
}

interface MessageFacts {
  readonly buyer: DealContact;
  readonly learners: readonly DealContact[];
  readonly groups: readonly PlannedGroup[];
  readonly revision: string;
  readonly audience: Audience;
  readonly isSpareKept: boolean;
}

/** Learners are written to again only when they get a code of another kind, not when spare seats are added. */
function firstGroups(groups: readonly PlannedGroup[]): string[] {
  const first = new Map<string, string>();
  for (const { productKey, token } of groups) if (!first.has(productKey)) first.set(productKey, token);
  return [...first.values()].sort();
}

/**
 * Who is written to. A tool that cannot bring learners their own link leaves them to the customer's flow; the buyer
 * hears of codes that are left over, unless those are kept for learners who come later.
 */
export function planMessages(
  deal: Deal,
  catalog: Catalog,
  { buyer, learners, groups, revision, audience, isSpareKept }: MessageFacts,
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
  return !isSpareKept && traits.writesToPeople && hasSpareCodes(groups, learners.length) && !buyerIsLearner
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

function learnersOf(deal: Deal, catalog: Catalog): Person[] {
  return peopleWithRole(deal, catalog.handOver.learners[deal.crm] ?? null);
}

function peopleWithRole({ contacts, unseenContacts }: Deal, role: string | null): Person[] {
  if (role === null) return [];
  return [...contacts, ...unseenContacts].filter(({ roles }) => roles.some((name) => isSameName(name, role)));
}
