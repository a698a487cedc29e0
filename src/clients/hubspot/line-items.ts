import type { LineItem } from '../../domain/deal/deal.ts';
import { BILLING_START, startOf } from './billing-start.ts';
import type { Connection } from './connection.ts';
import { numberIn } from './fields.ts';
import { instantIn } from './instants.ts';
import {
  associationsOfDeal,
  type HubSpotRecord,
  lastChangeOf,
  propertyOf,
  readAllRecords,
  readRecords,
} from './records.ts';

/** What a plan reads of a line. */
const PROPERTIES = ['name', 'quantity', 'hs_sku', 'hs_product_id', ...BILLING_START];
const MODIFIED = 'hs_lastmodifieddate';

export async function readLineItems(
  connection: Connection,
  deal: {
    readonly dealId: string;
    readonly closeDate: string | null;
    /** Null: not known yet. */
    readonly ids: readonly string[] | null;
  },
  signal?: AbortSignal,
): Promise<LineItem[]> {
  const { dealId, closeDate } = deal;
  const ids =
    deal.ids ?? (await associationsOfDeal(connection, dealId, 'line_items', signal)).map(({ toId }) => toId);
  const records = await readAllRecords(connection, {
    type: 'line_items',
    ids,
    properties: [...PROPERTIES, MODIFIED],
    withHistory: PROPERTIES,
    signal,
  });
  const skus = await readProductSkus(connection, records, signal);
  return records.map((record) => {
    const productId = propertyOf(record, 'hs_product_id');
    return {
      id: record.id,
      name: propertyOf(record, 'name') ?? '',
      quantity: numberIn(propertyOf(record, 'quantity')),
      sku: propertyOf(record, 'hs_sku') ?? skus.get(productId ?? '') ?? null,
      productId,
      ...startOf(record, closeDate),
      // Amounts that HubSpot or an automation calculates anew at the win change the record, and nothing that is read.
      writtenAt: lastChangeOf(record, PROPERTIES) ?? instantIn(propertyOf(record, MODIFIED)),
    };
  });
}

/** A line item copies its product when it is sold, and may have lost the SKU: then the product is asked. */
async function readProductSkus(
  connection: Connection,
  lineItems: readonly HubSpotRecord[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string | null>> {
  const ids = lineItems
    .filter((item) => propertyOf(item, 'hs_sku') === null)
    .flatMap((item) => propertyOf(item, 'hs_product_id') ?? []);
  // A product that was deleted since the sale is left out: its line item still has the product id.
  const products = await readRecords(connection, { type: 'products', ids, properties: ['hs_sku'], signal });
  return new Map(products.map((product) => [product.id, propertyOf(product, 'hs_sku')]));
}
