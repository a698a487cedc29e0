import { cut } from '../cut.ts';
import type { Catalog } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { type Problem, problem } from '../failure.ts';

export interface FieldSeats {
  readonly name: string;
  readonly seatCount: number;
}

/** What the deal's own fields sell, by the key of the product. An empty field and a zero say nothing. */
export function seatsInFields(
  deal: Deal,
  catalog: Catalog,
  problems: Problem[],
): ReadonlyMap<string, FieldSeats> {
  const found = new Map<string, FieldSeats>();
  for (const { product, fields } of catalog.seatsFrom) {
    const field = deal.seatFields?.find(({ name }) => name === fields[deal.crm]);
    if (field === undefined || field.value === null || field.value === 0) continue;
    const { name, value } = field;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) {
      found.set(product, { name, seatCount: value });
    } else {
      const message = `Field ${name} of the deal holds ${cut(JSON.stringify(value), 60)}; expected a whole number of seats, or nothing.`;
      problems.push(problem('deal.quantity_invalid', message));
    }
  }
  return found;
}
