import type { SeatField } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';
import { numberIn } from './fields.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';
import { readProperties } from './setup-properties.ts';

export type SeatFieldReader = (record: HubSpotRecord, signal?: AbortSignal) => Promise<SeatField[]>;

/**
 * The seats that stand in properties of a deal. HubSpot answers alike for a property without value and for one that it
 * does not have, so the names are proven once. Throws `crm.field_missing`.
 */
export function createSeatFieldReader(
  connection: Connection,
  properties: readonly string[],
): SeatFieldReader {
  const proven = new KnownOnce(async (signal) => {
    const types = await readProperties(connection, 'deals', signal);
    const missing = properties.filter((name) => !types.has(name));
    if (missing.length > 0) throw missingProperty(missing);
    return true;
  });
  return async (record, signal) => {
    if (properties.length > 0) await proven.get(signal);
    return properties.map((name) => {
      const text = propertyOf(record, name);
      return { name, value: numberIn(text) ?? text };
    });
  };
}

function missingProperty(names: readonly string[]): DealseatError {
  return new DealseatError({
    code: 'crm.field_missing',
    message: `HubSpot: deals have no property ${names.join(', ')}, which seatsFrom of the catalog names: expected the internal name of a property of deals.`,
  });
}
