import { compareText } from '../compare-text.ts';
import { cut } from '../cut.ts';
import {
  type Catalog,
  type CatalogProduct,
  type GrantingProduct,
  type NameMatch,
  type ProductMatch,
  productKey,
} from '../deal/catalog.ts';
import type { Deal, LineItem } from '../deal/deal.ts';
import { type Problem, problem } from '../failure.ts';
import { isSameName } from '../names.ts';
import { countOf, numberOf } from '../words.ts';
import { isRenewal, possibleSeats, type SoldLine } from './periods.ts';
import { seatsInFields } from './seat-fields.ts';

export interface SoldSeats {
  readonly product: GrantingProduct;
  readonly seatCount: number;
}

/**
 * The seats that a deal sells, by all lines of a product together, so that a split or re-created line changes nothing, or
 * by a field of the deal. `delivered`: seats that the customer has, by product.
 */
export function seatsByProduct(
  deal: Deal,
  catalog: Catalog,
  { problems, delivered }: { readonly problems: Problem[]; readonly delivered: ReadonlyMap<string, number> },
): SoldSeats[] {
  const byLines = linesByProduct(deal, catalog, problems);
  const byFields = seatsInFields(deal, catalog, problems);
  const sold = new Map<string, SoldSeats>();
  for (const product of catalog.products) {
    if (product.ignore) continue;
    const key = productKey(product);
    const seatCount = seatsSold(product, {
      lines: byLines.get(key) ?? [],
      field: byFields.get(key) ?? null,
      delivered: delivered.get(key) ?? 0,
      problems,
    });
    if (seatCount > 0) sold.set(key, { product, seatCount });
  }
  return [...sold.values()].sort((a, b) => compareText(productKey(a.product), productKey(b.product)));
}

interface Sources {
  readonly lines: readonly SoldLine[];
  readonly field: { readonly name: string; readonly seatCount: number } | null;
  readonly delivered: number;
  readonly problems: Problem[];
}

function seatsSold(product: GrantingProduct, { lines, field, delivered, problems }: Sources): number {
  if (lines.length === 0) return field?.seatCount ?? 0;
  const possible = possibleSeats(product, lines);
  if (field !== null) {
    if (possible.includes(field.seatCount)) return field.seatCount;
    const message = `"${product.title}": the line items sell ${possible.map(numberOf).join(' or ')} seats, and field ${field.name} says ${numberOf(field.seatCount)}.`;
    problems.push(problem('deal.seats_unclear', message));
    return 0;
  }
  const [only = 0, ...others] = possible;
  if (others.length === 0) return only;
  // Whoever has the seats of all lines is owed no more of them, whatever the lines mean.
  if (delivered === Math.max(...possible) || isRenewal(lines, delivered)) return delivered;
  const listed = lines.map(
    ({ line, seatCount }) =>
      `${countOf(seatCount, 'seat')} from ${line.startsOn ?? 'no day'} (${described(line)})`,
  );
  const message = `"${product.title}" is sold by lines that start on different days, which are years of the same seats or seats that add up: ${listed.join(', ')}.`;
  problems.push(problem('deal.lines_unclear', message));
  return 0;
}

function linesByProduct(deal: Deal, catalog: Catalog, problems: Problem[]): ReadonlyMap<string, SoldLine[]> {
  const byProduct = new Map<string, SoldLine[]>();
  const empty: Problem[] = [];
  for (const line of deal.lineItems) {
    const product = findProduct(line, deal, catalog, problems);
    if (product === null || product.ignore) continue;
    const { quantity } = line;
    if (quantity === 0) {
      empty.push(wrongQuantity(line));
    } else if (quantity === null || !Number.isSafeInteger(quantity) || quantity < 1) {
      problems.push(wrongQuantity(line));
    } else {
      const key = productKey(product);
      const seatCount = quantity * product.seatsPerUnit;
      byProduct.set(key, [...(byProduct.get(key) ?? []), { line, seatCount }]);
    }
  }
  // A line of nothing sells nothing; a deal of such lines alone is an error.
  if (byProduct.size === 0) problems.push(...empty);
  return byProduct;
}

function wrongQuantity(line: LineItem): Problem {
  const found = line.quantity === null ? 'no quantity' : `quantity ${line.quantity}`;
  return problem(
    'deal.quantity_invalid',
    `${described(line)} has ${found}; expected a whole number of at least 1.`,
  );
}

function findProduct(
  line: LineItem,
  deal: Deal,
  catalog: Catalog,
  problems: Problem[],
): CatalogProduct | null {
  const found =
    catalog.products.find(({ match }) => !('name' in match) && matchesProduct(match, line, deal)) ??
    catalog.products.find(({ match }) => 'name' in match && matchesName(match, line));
  if (found) return found;
  if (catalog.unmatched === 'ignore') return null;
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
  const known = identity.filter((part) => part !== '').join(', ');
  problems.push(
    problem('catalog.product_unmapped', `${described(line)} (${known}) matches no product in the catalog.`, {
      onDeal: `"${cut(line.name, MAX_NAME_LENGTH)}" (${known}) is not set up for seats yet. If it does not belong on this deal, remove the line`,
      about: known,
    }),
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

function matchesName(match: NameMatch, line: LineItem): boolean {
  return isSameName(match.name, line.name);
}
