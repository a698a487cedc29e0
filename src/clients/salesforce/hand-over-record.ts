import { z } from 'zod';
import type { HandOverRecord } from '../crm.ts';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { opportunityId } from './deal.ts';
import { DEAL_FIELDS } from './fields.ts';
import { text } from './records.ts';
import { filesOf } from './roster.ts';
import { soqlString } from './soql.ts';

const detailField = DEAL_FIELDS.detail.apiName;
const detailRow = z.object({ [detailField]: text });
const versionRow = z.object({ Id: z.string() });

/** What a hand-over left on the opportunity: the detail field and the roster files with this token, latest bytes. */
export async function readHandOver(
  session: SalesforceSession,
  dealId: string,
  rosterToken: string,
  signal?: AbortSignal,
): Promise<HandOverRecord> {
  const id = opportunityId(dealId);
  const call: Call = { what: `reading the hand-over of opportunity ${id}`, object: 'Opportunity' };
  const soql = `SELECT ${detailField} FROM Opportunity WHERE Id = ${soqlString(id)}`;
  const [record] = await session.query(soql, detailRow, call, signal);
  const rosters = [];
  for (const { documentId, title } of await filesOf(session, id, call, signal)) {
    if (!title?.endsWith(`-${rosterToken}.csv`)) continue;
    rosters.push({ fileName: title, csv: await download(session, documentId, signal) });
  }
  return { detail: record?.[detailField] ?? null, rosters };
}

async function download(
  session: SalesforceSession,
  documentId: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const call: Call = { what: `downloading file ${documentId}`, object: 'ContentVersion' };
  const soql = `SELECT Id FROM ContentVersion WHERE ContentDocumentId = ${soqlString(documentId)} AND IsLatest = true`;
  const [version] = await session.query(soql, versionRow, call, signal);
  return await session.download(call, `/sobjects/ContentVersion/${version?.Id}/VersionData`, signal);
}
