import { type Hold, parseHold } from '../../domain/deal/hold.ts';
import type { HoldClaim, HoldOutcome } from '../crm.ts';
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
  const { now, values } = await readHistory(connection, dealId, signal);
  const written = values.indexOf(hold);
  if (written === -1) return 'unproven';
  const earlier = seen === null ? values.indexOf('', written) : values.indexOf(seen, written);
  // HubSpot keeps the latest values only: what lies between may be gone.
  if (earlier === -1 && seen !== null) return 'unproven';
  const since = values.slice(0, earlier === -1 ? undefined : earlier).flatMap(holdIn);
  const first = since.at(-1);
  if (first === undefined || isOfOneRun(first.hold, parseHold(hold))) return 'first';
  const latest = since.find((one) => isOfOneRun(one.hold, first.hold)) ?? first;
  if (now === hold) await writeDealFields(connection, { dealId, fields: { claim: latest.text } }, signal);
  return 'late';
}

interface Written {
  readonly text: string;
  readonly hold: Hold;
}

/** A person may have typed something else into it. */
function holdIn(text: string): Written[] {
  const hold = parseHold(text);
  return hold === null ? [] : [{ text, hold }];
}

function isOfOneRun(one: Hold | null, other: Hold | null): boolean {
  return one !== null && one.deployment === other?.deployment && one.run === other.run;
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
