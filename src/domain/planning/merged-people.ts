import type { Catalog } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { handedLearners, type Ledger, NO_SEATS } from '../deal/ledger.ts';
import { markOf } from '../deal/mark.ts';
import { newLearners } from './people.ts';
import type { PlanRules } from './rules.ts';

/**
 * Contacts that the ledger names and the deal does not have any more, where they may live on in somebody who looks like
 * a learner that came since. Empty in all other cases, so that a CRM is asked only then.
 */
export function perhapsMerged(deal: Deal, catalog: Catalog, { sealer }: Pick<PlanRules, 'sealer'>): string[] {
  const noted = markOf(deal, sealer)?.ledger ?? NO_SEATS;
  if (noted === 'unreadable' || !deal.isWon) return [];
  const ledger = namedAsNow(noted, deal);
  if (newLearners(deal, catalog, ledger).length === 0) return [];
  const present = new Set([...deal.contacts, ...deal.unseenContacts].map(({ id }) => id));
  const former = new Set(deal.contacts.flatMap(({ formerIds }) => formerIds));
  return handedLearners(ledger).filter((id) => !present.has(id) && !former.has(id));
}

/** `survivors`: into whom contacts were merged, by the ids they had. */
export function withSurvivors(deal: Deal, survivors: ReadonlyMap<string, string>): Deal {
  if (survivors.size === 0) return deal;
  const contacts = deal.contacts.map((contact) => {
    const merged = [...survivors].flatMap(([id, into]) => (into === contact.id ? id : []));
    return { ...contact, formerIds: [...new Set([...contact.formerIds, ...merged])] };
  });
  return { ...deal, contacts };
}

/**
 * Who was merged into another contact was handed the code of that one. Those whose hand-over is pending keep the id
 * that it was begun under: whether its link went over is not known.
 */
export function namedAsNow(ledger: Ledger, { contacts }: Pick<Deal, 'contacts'>): Ledger {
  if (ledger.learners === undefined) return ledger;
  const ids = new Map(contacts.flatMap(({ id, formerIds }) => formerIds.map((former) => [former, id])));
  return { ...ledger, learners: [...new Set(ledger.learners.map((id) => ids.get(id) ?? id))] };
}
