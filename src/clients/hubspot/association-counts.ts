import { numberIn } from './fields.ts';
import { type HubSpotRecord, lastChangeOf, propertyOf } from './records.ts';

const COUNTS = { contacts: 'num_associated_contacts', lineItems: 'hs_num_of_associated_line_items' };

/** HubSpot dates no association, but counts them on the deal some seconds after each change, and dates the count. */
export const COUNT_PROPERTIES = Object.values(COUNTS);

/**
 * ISO instant at which a contact or a line came to the deal or left it, as far as the counts tell. `found`: what is
 * associated with the deal just now. Where that is another number, HubSpot has not counted the last change yet, so it
 * is as late as the record. A portal that counts nothing tells nothing.
 */
export function associationsChangedAt(
  deal: HubSpotRecord,
  {
    found,
    changedAt,
  }: { readonly found: Readonly<Record<keyof typeof COUNTS, number>>; readonly changedAt: string },
): string | null {
  const isUncounted = (['contacts', 'lineItems'] as const).some((kind) => {
    const count = numberIn(propertyOf(deal, COUNTS[kind]));
    return count !== null && count !== found[kind];
  });
  return isUncounted ? changedAt : lastChangeOf(deal, COUNT_PROPERTIES);
}
