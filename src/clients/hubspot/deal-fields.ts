import { DealseatError } from '../../domain/failure.ts';
import type { DealFields, RecordNow } from '../crm.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES, toPropertyValues, writtenFieldsOf } from './fields.ts';
import { requireDealId } from './ids.ts';
import { withReadBack } from './read-back.ts';
import { propertyOf, recordSchema } from './records.ts';

const RECORD_PROPERTIES = [
  DEAL_PROPERTIES.status.name,
  DEAL_PROPERTIES.detail.name,
  DEAL_PROPERTIES.ledger.name,
  DEAL_PROPERTIES.claim.name,
  DEAL_PROPERTIES.action.name,
];

/** A merged deal answers as the surviving one, and what is written to it would be written there. */
export async function readRecord(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<RecordNow> {
  const record = await connection.call(
    {
      name: `read record of deal ${requireDealId(dealId)}`,
      effect: 'read',
      whenMissing: 'crm.deal_not_found',
      answer: recordSchema,
      signal,
    },
    (client) => client.crm.deals.basicApi.getById(dealId, RECORD_PROPERTIES),
  );
  if (record.id !== dealId) throw mergedInto(dealId, record.id);
  const { status, ledger, hold } = writtenFieldsOf(record);
  const textOf = (field: keyof typeof DEAL_PROPERTIES) => propertyOf(record, DEAL_PROPERTIES[field].name);
  return { status, detail: textOf('detail'), ledger, hold, action: textOf('action') };
}

function mergedInto(askedDealId: string, survivingDealId: string): DealseatError {
  return new DealseatError({
    code: 'deal.merged',
    message: `Deal ${askedDealId} was merged into deal ${survivingDealId}.`,
  });
}

export async function writeDealFields(
  connection: Connection,
  { dealId, fields }: { readonly dealId: string; readonly fields: DealFields },
  signal?: AbortSignal,
): Promise<void> {
  requireDealId(dealId);
  const properties = toPropertyValues(fields);
  const names = Object.keys(properties);
  if (names.length === 0) return;
  const call = { whenMissing: 'crm.deal_not_found', answer: recordSchema, signal } as const;
  const write = () =>
    connection.call({ ...call, name: `write fields of deal ${dealId}`, effect: 'overwrite' }, (client) =>
      client.crm.deals.basicApi.update(dealId, { properties }),
    );
  const written = await withReadBack(write, async () => {
    const name = `read back fields of deal ${dealId}`;
    const record = await connection.call({ ...call, name, effect: 'read' }, (client) =>
      client.crm.deals.basicApi.getById(dealId, names),
    );
    const isWritten = names.every((name) => isSame(propertyOf(record, name) ?? '', properties[name]?.trim()));
    return isWritten ? record : null;
  });
  if (written.id === dealId) return;
  await putBack(connection, { dealId: written.id, written: properties }, signal);
  throw mergedInto(dealId, written.id);
}

/** HubSpot writes instants in a form of its own. */
function isSame(found: string, written: string | undefined): boolean {
  if (found === written) return true;
  const instant = /^\d{4}-\d\d-\d\dT/;
  return (
    written !== undefined &&
    instant.test(found) &&
    instant.test(written) &&
    Date.parse(found) === Date.parse(written)
  );
}

/** The deal was merged in this very moment: the surviving one gets the values back that it had. */
async function putBack(
  connection: Connection,
  { dealId, written }: { readonly dealId: string; readonly written: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<void> {
  const names = Object.keys(written);
  const record = await connection.call(
    { name: `read what deal ${dealId} said`, effect: 'read', answer: recordSchema, signal },
    (client) => client.crm.deals.basicApi.getById(dealId, names, names),
  );
  const properties: Record<string, string> = {};
  for (const name of names) {
    const [latest, before] = record.propertiesWithHistory?.[name] ?? [];
    if (latest !== undefined && latest.value === written[name]) properties[name] = before?.value ?? '';
  }
  if (Object.keys(properties).length === 0) return;
  await connection.call(
    { name: `put back fields of deal ${dealId}`, effect: 'overwrite', answer: recordSchema, signal },
    (client) => client.crm.deals.basicApi.update(dealId, { properties }),
  );
}
