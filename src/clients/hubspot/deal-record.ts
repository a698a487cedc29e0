import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { COUNT_PROPERTIES } from './association-counts.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES } from './fields.ts';
import { requireDealId } from './ids.ts';
import { instantIn } from './instants.ts';
import { type HubSpotRecord, propertyOf, recordSchema } from './records.ts';
import { STAGE_PROPERTIES } from './standing.ts';

/** What people decide on a deal. HubSpot sums `amount` up from the lines. */
const DECIDED = [
  'dealname',
  ...STAGE_PROPERTIES,
  'amount',
  'closedate',
  'hubspot_owner_id',
  'hs_merged_object_ids',
];

/** The default set is small, so everything is asked for by name. */
const PROPERTIES = [
  ...DECIDED,
  ...COUNT_PROPERTIES,
  'hs_lastmodifieddate',
  ...Object.values(DEAL_PROPERTIES).map(({ name }) => name),
];

const ASSOCIATED = ['line_items', 'contacts', 'companies'] as const;

const dealRecordSchema = recordSchema.extend({
  associations: z
    .record(
      z.string(),
      z.object({
        results: z.array(z.object({ id: z.coerce.string(), type: z.string() })),
        paging: z.unknown().optional(),
      }),
    )
    .nullish(),
});

export type DealRecord = z.infer<typeof dealRecordSchema>;

export interface DealAsked {
  readonly dealId: string;
  readonly seatFields: readonly string[];
}

export function readDealRecord(
  connection: Connection,
  { dealId, seatFields }: DealAsked,
  signal?: AbortSignal,
): Promise<DealRecord> {
  const histories = [...STAGE_PROPERTIES, ...COUNT_PROPERTIES, DEAL_PROPERTIES.action.name];
  return connection.call(
    {
      name: `read deal ${requireDealId(dealId)}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: dealRecordSchema,
      signal,
    },
    (client) =>
      client.crm.deals.basicApi.getById(dealId, [...PROPERTIES, ...seatFields], histories, [...ASSOCIATED]),
  );
}

/**
 * The ids of what is associated, each once; null where the record does not name all of it. HubSpot leaves a type out that
 * has none, and its documentation does not say how it spells them: so what is not there was perhaps not found.
 */
export function associatedIds(
  { associations }: DealRecord,
  type: (typeof ASSOCIATED)[number],
): string[] | null {
  const found = Object.entries(associations ?? {}).find(
    ([name]) => name.toLowerCase().replace(' ', '_') === type,
  )?.[1];
  if (found === undefined || found.results.length === 0 || found.paging) return null;
  return [...new Set(found.results.map(({ id }) => id))];
}

/** Equal prints: nobody has changed what the record itself tells of the sale. What Dealseat writes is not in it. */
export function printOf(record: DealRecord, seatFields: readonly string[]): string {
  const decided = [...DECIDED, ...seatFields].map((name) => propertyOf(record, name));
  const associated = ASSOCIATED.map((type) => [...(associatedIds(record, type) ?? [])].sort());
  const print = JSON.stringify([record.id, decided, associated]);
  return createHash('sha256').update(print).digest('hex').slice(0, 16);
}

export function changedAtOf(record: HubSpotRecord): string {
  const changedAt = instantIn(propertyOf(record, 'hs_lastmodifieddate'));
  if (changedAt !== null) return changedAt;
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `HubSpot: read deal ${record.id}: hs_lastmodifieddate is not an instant.`,
  });
}
