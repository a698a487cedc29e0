import { DealseatError } from '../../domain/failure.ts';
import { workbookName } from '../../domain/seats/roster.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { insertMissing, lookAmong } from './new-files.ts';
import { done } from './records.ts';
import { type OwnFile, readOwnFiles } from './roster-files.ts';

/**
 * Puts the roster and its workbook on the opportunity, each once. Salesforce gives a plain insert no key of its own, so a
 * repeat looks for a file of ours of the same title and MD5 first; one of the same title with other bytes gets a new
 * version. A workbook of earlier seats does not stay beside a roster without one.
 */
export async function attachRoster(
  connection: Connection,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  const dealId = opportunityId(roster.dealId);
  const existing = roster.isNew ? [] : await filesOf(connection, dealId, roster.fileName, signal);
  const csv = lookAmong(existing, { dealId, fileName: roster.fileName, bytes: roster.csv });
  const xlsx =
    roster.xlsx &&
    lookAmong(existing, { dealId, fileName: workbookName(roster.fileName), bytes: roster.xlsx });
  const made = await insertMissing(connection, { csv, xlsx }, signal);
  const stale = existing.filter(({ title }) => !xlsx && title !== roster.fileName);
  for (const file of stale) await deleteFile(connection, file, signal);
  const { instanceUrl } = await connection.token(signal);
  return {
    fileId: made.csv.versionId,
    url: `${instanceUrl}/lightning/r/ContentDocument/${made.csv.documentId}/view`,
    ...(made.workbookId === null ? {} : { workbookFileId: made.workbookId }),
  };
}

/** Deletes the files with all versions and links; one that is gone already counts as deleted. */
export async function removeRoster(
  connection: Connection,
  { dealId, fileName }: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const files = await filesOf(connection, opportunityId(dealId), fileName, signal);
  for (const file of files) await deleteFile(connection, file, signal);
}

async function deleteFile(
  connection: Connection,
  { documentId, title }: OwnFile,
  signal?: AbortSignal,
): Promise<void> {
  const call: SalesforceCall = {
    name: `delete file ${documentId} (${title})`,
    effect: 'overwrite',
    object: 'ContentDocument',
  };
  try {
    await connection.request(
      call,
      done,
      (jsforce) => jsforce.sobject('ContentDocument').destroy(documentId),
      signal,
    );
  } catch (error) {
    if (!(error instanceof DealseatError && error.code === 'crm.not_found')) throw error;
  }
}

/** The roster of that name and its workbook. */
async function filesOf(
  connection: Connection,
  dealId: string,
  fileName: string,
  signal?: AbortSignal,
): Promise<OwnFile[]> {
  const names = [fileName, workbookName(fileName)];
  return await readOwnFiles(connection, { dealId, isNamed: (title) => names.includes(title) }, signal);
}
