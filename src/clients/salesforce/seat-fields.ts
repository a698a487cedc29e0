import type { SeatField } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';

/** Names of fields that the catalog gives become part of a query. Throws `crm.field_missing`. */
export function requireFieldNames(names: readonly string[]): readonly string[] {
  const wrong = names.filter((name) => !/^[A-Za-z]\w{0,79}$/.test(name));
  if (wrong.length === 0) return names;
  throw new DealseatError({
    code: 'crm.field_missing',
    message: `Salesforce: Opportunity has no field ${wrong.join(', ')}, which seatsFrom of the catalog names: expected an API name such as Seats__c.`,
  });
}

export function seatFieldsIn(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Pick<{ seatFields: readonly SeatField[] }, 'seatFields'> | Record<string, never> {
  if (names.length === 0) return {};
  // A query knows a field in any case, and answers in the one that the org gave it.
  const values = new Map(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    seatFields: names.map((name) => {
      const value = values.get(name.toLowerCase());
      return { name, value: typeof value === 'number' ? value : numberOrText(value) };
    }),
  };
}

/** A formula or a text field may hold the number as text. */
function numberOrText(value: unknown): number | string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
