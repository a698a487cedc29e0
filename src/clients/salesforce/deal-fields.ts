import { z } from 'zod';
import type { DealFields } from '../crm.ts';
import type { SalesforceSession } from './connection.ts';
import { noSuchDeal, opportunityId } from './deal.ts';
import { CUT, DEAL_FIELDS } from './fields.ts';
import { done, text } from './records.ts';
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
  const values = {
    status,
    detail: shortened('detail', detail),
    seats,
    groupLabel: shortenedList('groupLabel', groupLabel),
    groupId: shortenedList('groupId', groupId),
    rosterFile: shortened('rosterFile', rosterFile),
    run: shortened('run', run),
    ledger,
    claim,
  };
  const record: Record<string, string | number | null> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) record[DEAL_FIELDS[key as keyof typeof values].apiName] = value;
  }
  return record;
}

type Shown = 'detail' | 'groupLabel' | 'groupId' | 'rosterFile' | 'run';
type Text = string | null | undefined;

/**
 * What only people read is cut rather than refused: after the mail the mark must be written, whatever it is decorated
 * with. Ledger and claim are never cut.
 */
function shortened(field: Shown, text: Text): Text {
  const { length } = DEAL_FIELDS[field];
  if (typeof text !== 'string' || length === null || text.length <= length) return text;
  // Not in the middle of a pair of surrogates.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}${CUT}`;
}

/** Cut between two entries: half an id is none. */
function shortenedList(field: Shown, text: Text): Text {
  const { length } = DEAL_FIELDS[field];
  if (typeof text !== 'string' || length === null || text.length <= length) return text;
  const end = text.lastIndexOf(', ', length - CUT.length - 2);
  return end === -1 ? shortened(field, text) : `${text.slice(0, end)}, ${CUT}`;
}
