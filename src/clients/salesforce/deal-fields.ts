import { z } from 'zod';
import { CUT, cut } from '../../domain/cut.ts';
import type { DealFields, RecordNow } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import { nothing, type Part, queryPart } from './composite.ts';
import type { Connection } from './connection.ts';
import { noSuchDeal, opportunityId } from './deal.ts';
import { DEAL_FIELDS } from './fields.ts';
import { done, text } from './records.ts';
import { soqlString } from './soql.ts';

const recordNow = z
  .object({
    Dealseat_Status__c: text,
    Dealseat_Detail__c: text,
    Dealseat_Ledger__c: text,
    Dealseat_Claim__c: text,
    Dealseat_Action__c: text,
  })
  .transform(
    (record): RecordNow => ({
      status: record.Dealseat_Status__c,
      detail: record.Dealseat_Detail__c,
      ledger: record.Dealseat_Ledger__c,
      hold: record.Dealseat_Claim__c,
      action: record.Dealseat_Action__c,
    }),
  );

/** Opportunities cannot be merged, so none lives on in another. */
export async function readRecord(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<RecordNow> {
  const id = opportunityId(dealId);
  const fields =
    'Dealseat_Status__c, Dealseat_Detail__c, Dealseat_Ledger__c, Dealseat_Claim__c, Dealseat_Action__c';
  const soql = `SELECT ${fields} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const [record] = await connection.query(soql, recordNow, reading(id), signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');
  return record;
}

function reading(id: string): SalesforceCall {
  return { name: `read Dealseat's fields of opportunity ${id}`, effect: 'read', object: 'Opportunity' };
}

export async function writeDealFields(
  connection: Connection,
  dealId: string,
  fields: DealFields,
  signal?: AbortSignal,
): Promise<void> {
  const Id = opportunityId(dealId);
  const record = toRecord(fields);
  if (Object.keys(record).length === 0) return;
  await connection.request(
    writing(Id),
    done,
    (jsforce) => jsforce.sobject('Opportunity').update({ Id, ...record }),
    signal,
  );
}

function writing(id: string): SalesforceCall {
  return {
    name: `write fields of opportunity ${id}`,
    effect: 'overwrite',
    object: 'Opportunity',
    whenMissing: 'crm.deal_not_found',
  };
}

/** `place` is the id, or a reference to it. */
export function writePart(id: string, fields: DealFields, place = id): Part<null> {
  const path = `/sobjects/Opportunity/${place}`;
  return { call: writing(id), method: 'PATCH', path, body: toRecord(fields), answer: nothing };
}

const foundOne = z.object({ records: z.array(z.object({ Id: z.string() })) });

/** Finds the opportunity only if its hold field says this. */
export function holdPart(id: string, hold: string | null): Part<z.infer<typeof foundOne>> {
  const value = hold === null ? 'null' : soqlString(hold);
  const where = `Id = ${soqlString(id)} AND ${DEAL_FIELDS.claim.apiName} = ${value}`;
  return { ...queryPart(`SELECT Id FROM Opportunity WHERE ${where}`, reading(id)), answer: foundOne };
}

function toRecord(fields: DealFields): Record<string, string | number | null> {
  const { detail, groupLabel, groupId, rosterFile, run } = fields;
  const values: { readonly [K in keyof DealFields]: DealFields[K] | undefined } = {
    ...fields,
    detail: shortened('detail', detail),
    groupLabel: shortenedList('groupLabel', groupLabel),
    groupId: shortenedList('groupId', groupId),
    rosterFile: shortened('rosterFile', rosterFile),
    run: shortened('run', run),
  };
  const record: Record<string, string | number | null> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) record[DEAL_FIELDS[key as keyof DealFields].apiName] = value;
  }
  return record;
}

type Shown = 'detail' | 'groupLabel' | 'groupId' | 'rosterFile' | 'run';
type Text = string | null | undefined;

/**
 * What only people read is cut rather than refused: after the mail the mark must be written, whatever it is decorated
 * with. Ledger and hold are never cut.
 */
function shortened(field: Shown, text: Text): Text {
  const { length } = DEAL_FIELDS[field];
  if (typeof text !== 'string' || length === null) return text;
  return cut(text, length);
}

/** Cut between two entries: half an id is none. */
function shortenedList(field: Shown, text: Text): Text {
  const { length } = DEAL_FIELDS[field];
  if (typeof text !== 'string' || length === null || text.length <= length) return text;
  const end = text.lastIndexOf(', ', length - CUT.length - 2);
  return end === -1 ? shortened(field, text) : `${text.slice(0, end)}, ${CUT}`;
}
