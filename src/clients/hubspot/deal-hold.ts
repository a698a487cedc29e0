import { judgeHistory } from '../../domain/deal/hold-history.ts';
import type { HoldClaim, HoldOutcome, WrittenHold } from '../crm.ts';
import type { Connection } from './connection.ts';
import { writeDealFields } from './deal-fields.ts';
import { DEAL_PROPERTIES } from './fields.ts';
import { propertyOf, recordSchema } from './records.ts';

const HOLD = DEAL_PROPERTIES.claim.name;

/**
 * Writes first and reads the history of the property then: HubSpot keeps every value in the order in which it was
 * written, so of several writers all see the same one to be first.
 */
export async function takeHold(
  connection: Connection,
  { dealId, seen, hold, fields }: HoldClaim,
  signal?: AbortSignal,
): Promise<HoldOutcome> {
  await writeDealFields(connection, { dealId, fields: { ...fields, claim: hold } }, signal);
  return await proveHold(connection, { dealId, seen, hold }, signal);
}

export async function proveHold(
  connection: Connection,
  { dealId, seen, hold }: WrittenHold,
  signal?: AbortSignal,
): Promise<HoldOutcome> {
  const { now, values } = await readHistory(connection, dealId, signal);
  const verdict = judgeHistory(values, { seen, hold });
  if (verdict.is === 'late' && now === hold) {
    await writeDealFields(connection, { dealId, fields: { claim: verdict.putBack } }, signal);
  }
  return verdict.is;
}

/** Newest value first. */
async function readHistory(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<{ readonly now: string | null; readonly values: readonly string[] }> {
  const record = await connection.call(
    {
      name: `read who holds deal ${dealId}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: recordSchema,
      signal,
    },
    (client) => client.crm.deals.basicApi.getById(dealId, [HOLD], [HOLD]),
  );
  const entries = record.propertiesWithHistory?.[HOLD] ?? [];
  return { now: propertyOf(record, HOLD), values: entries.map(({ value }) => value?.trim() ?? '') };
}
