import type { DealFields } from '../crm.ts';
import { DEAL_FIELDS } from './fields.ts';
import { opportunityId } from './read-deal.ts';
import { done } from './records.ts';
import type { SalesforceSession } from './session.ts';

export async function writeDealFields(
  session: SalesforceSession,
  dealId: string,
  fields: DealFields,
  signal?: AbortSignal,
): Promise<void> {
  const Id = opportunityId(dealId);
  const record = toRecord(fields);
  if (Object.keys(record).length === 0) return;
  await session.request(
    { what: `writing fields of opportunity ${Id}`, object: 'Opportunity', missing: 'crm.deal_not_found' },
    done,
    (connection) => connection.sobject('Opportunity').update({ Id, ...record }),
    signal,
  );
}

function toRecord(fields: DealFields): Record<string, string | number | null> {
  const { status, detail, seats, groupLabel, groupId, rosterFile, run, ledger } = fields;
  const values = { status, detail, seats, groupLabel, groupId, rosterFile, run, ledger };
  const record: Record<string, string | number | null> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) record[DEAL_FIELDS[key as keyof typeof values].apiName] = value;
  }
  return record;
}
