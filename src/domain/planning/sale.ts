import { compareText } from '../compare-text.ts';
import { cut } from '../cut.ts';
import {
  type Catalog,
  type CatalogProduct,
  type GrantingProduct,
  type ProductMatch,
  productKey,
} from '../deal/catalog.ts';
import type { Deal, LineItem } from '../deal/deal.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName } from '../names.ts';

export interface SoldSeats {
  readonly product: GrantingProduct;
  readonly seatCount: number;
}

/** Adds up the seats of all lines of one product, so that a split or re-created line changes nothing. */
export function seatsByProduct(deal: Deal, catalog: Catalog, problems: Problem[]): SoldSeats[] {
  const seats = new Map<string, SoldSeats>();
  for (const line of deal.lineItems) {
    const product = findProduct(line, deal, catalog, problems);
    if (product === null || product.ignore) continue;
    if (line.quantity === null || !Number.isSafeInteger(line.quantity) || line.quantity < 1) {
      const found = line.quantity === null ? 'no quantity' : `quantity ${line.quantity}`;
      problems.push(
        problem(
          'deal.quantity_invalid',
          `${described(line)} has ${found}; expected a whole number of at least 1.`,
        ),
      );
      continue;
    }
    const key = productKey(product);
    const soFar = seats.get(key)?.seatCount ?? 0;
    seats.set(key, { product, seatCount: soFar + line.quantity * product.seatsPerUnit });
  }
  return [...seats.values()].sort((a, b) => compareText(productKey(a.product), productKey(b.product)));
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
      problem('deal.line_item_unidentified', `${described(line)} has neither a SKU nor a product.`),
    );
    return null;
  }
  const identity = [
    line.sku === null ? '' : `SKU ${cut(line.sku, MAX_NAME_LENGTH)}`,
    line.productId === null ? '' : `product ${cut(line.productId, MAX_NAME_LENGTH)}`,
  ];
  problems.push(
    problem(
      'catalog.product_unmapped',
      `${described(line)} (${identity.filter((part) => part !== '').join(', ')}) matches no product in the catalog.`,
    ),
  );
  return null;
}

/** People find a line by the beginning of its name. */
const MAX_NAME_LENGTH = 200;

function described({ name }: LineItem): string {
  return `Line item "${cut(name, MAX_NAME_LENGTH)}"`;
}

function matchesProduct(match: ProductMatch, line: LineItem, deal: Deal): boolean {
  if ('sku' in match) return line.sku !== null && isSameName(line.sku, match.sku);
  return deal.crm === match.crm && line.productId === match.productId;
}
