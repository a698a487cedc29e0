import type { DealReading } from '../../domain/deal/catalog.ts';
import type { DealPrint } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import { type Part, queryPart } from './composite.ts';
import type { Connection, Page } from './connection.ts';
import { noSuchDeal, opportunityId } from './deal.ts';
import { dealRecord, printedFields, printOf, readChildren } from './deal-record.ts';
import { soqlString } from './soql.ts';

interface Org {
  readonly connection: Connection;
  readonly reading: DealReading;
}

/** All that `readDeal` reads but for what only a plan needs: the history of the stage. */
export async function readPrint(org: Org, dealId: string, signal?: AbortSignal): Promise<DealPrint> {
  const id = opportunityId(dealId);
  const { call, path, answer } = lookPart(org, id);
  const page = await org.connection.request(call, answer, (jsforce) => jsforce.requestGet(path), signal);
  return await printOfPage(org, { id, page }, signal);
}

/** `id` has 18 characters. */
export function lookPart({ reading }: Org, id: string): Part<Page> {
  const soql = `SELECT ${printedFields(reading)} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  return queryPart(soql, lookingAt(id));
}

/** Of what `lookPart` answered. */
export async function printOfPage(
  { connection }: Org,
  { id, page }: { readonly id: string; readonly page: Page },
  signal?: AbortSignal,
): Promise<DealPrint> {
  const call = lookingAt(id);
  const [record] = await connection.rows(page, dealRecord, call, signal);
  if (record === undefined) throw noSuchDeal(id, 'no opportunity has this id, or sharing hides it');
  const print = printOf(record, await readChildren(connection, record, call, signal));
  return { print, changedAt: record.SystemModstamp, hasAction: record.Dealseat_Action__c !== null };
}

function lookingAt(id: string): SalesforceCall {
  return { name: `look at opportunity ${id}`, effect: 'read', object: 'Opportunity' };
}
