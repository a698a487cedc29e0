import type { AssociationStore } from './associations.ts';
import type { HubSpotRecord, RecordStore } from './records.ts';

interface Stores {
  readonly associations: AssociationStore;
  readonly records: RecordStore;
}

/** HubSpot sums the amount of a deal up when a line changes; what people type stays until then. */
export function sumUpAmount({ associations, records }: Stores, deal: HubSpotRecord): void {
  const lines = associations
    .linked({ object: 'deals', id: deal.id }, 'line_items')
    .flatMap(({ id }) => records.findLive('line_items', id) ?? []);
  if (lines.length === 0) return;
  const amount = lines.reduce((sum, { properties: { quantity, price } }) => {
    return sum + Number(quantity ?? 0) * Number(price ?? 0);
  }, 0);
  const at = Math.max(...lines.map(({ updatedAt }) => updatedAt));
  const [typed] = deal.history.get('amount') ?? [];
  if (typed !== undefined && typed.timestamp > at) return;
  records.count(deal, { property: 'amount', value: String(amount), at });
}
