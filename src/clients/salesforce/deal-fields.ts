import { z } from 'zod';
import type { DealFields } from '../crm.ts';
import { DEAL_FIELDS } from './fields.ts';
import { noSuchDeal, opportunityId } from './read-deal.ts';
import { done, text } from './records.ts';
import type { SalesforceSession } from './session.ts';
import { soqlString } from './soql.ts';

const claimRecord = z.object({ Dealseat_Claim__c: text });

export async function readClaim(
  session: SalesforceSession,
  dealId: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const id = opportunityId(dealId);
  const soql = `SELECT Dealseat_Claim__c FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const call = { what: `reading the claim of opportunity ${id}`, object: 'Opportunity' } as const;
  const [record] = await session.query(soql, claimRecord, call, signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');
  return record.Dealseat_Claim__c;
}

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
  const { status, detail, seats, groupLabel, groupId, rosterFile, run, ledger, claim } = fields;
  const values = { status, detail, seats, groupLabel, groupId, rosterFile, run, ledger, claim };
  const record: Record<string, string | number | null> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) record[DEAL_FIELDS[key as keyof typeof values].apiName] = value;
  }
  return record;
}
