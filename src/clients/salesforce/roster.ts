import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { created, done } from './records.ts';
import { type OwnFile, readOwnFiles } from './roster-files.ts';
import { soqlString } from './soql.ts';

/**
 * Puts the roster on the opportunity, once. Salesforce gives a plain insert no key of its own, so a repeat looks
 * for a file of ours of the same title and MD5 first; one of the same title with other bytes gets a new version.
 */
export async function attachRoster(
  connection: Connection,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  const dealId = opportunityId(roster.dealId);
  const existing = roster.isNew ? [] : await filesNamed(connection, dealId, roster.fileName, signal);
  const checksum = createHash('md5').update(roster.csv).digest('hex');
  const same = existing.find((file) => file.checksum?.toLowerCase() === checksum);
  const file = same ?? (await insertVersion(connection, { dealId, roster, earlier: existing[0] }, signal));
  const { instanceUrl } = await connection.token(signal);
  return {
    fileId: file.versionId,
    url: `${instanceUrl}/lightning/r/ContentDocument/${file.documentId}/view`,
  };
}

/** Deletes the file with all versions and links; one that is gone already counts as deleted. */
export async function removeRoster(
  connection: Connection,
  roster: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const dealId = opportunityId(roster.dealId);
  for (const { documentId } of await filesNamed(connection, dealId, roster.fileName, signal)) {
    const call: SalesforceCall = {
      name: `delete file ${documentId} (${roster.fileName})`,
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
}

async function filesNamed(
  connection: Connection,
  dealId: string,
  fileName: string,
  signal?: AbortSignal,
): Promise<OwnFile[]> {
  return await readOwnFiles(connection, { dealId, isNamed: (title) => title === fileName }, signal);
}

interface NewVersion {
  readonly dealId: string;
  readonly roster: RosterFile;
  /** Our file of that name, when there is one. */
  readonly earlier: OwnFile | undefined;
}

const madeVersion = z.object({ ContentDocumentId: z.string() });

async function insertVersion(
  connection: Connection,
  { dealId, roster, earlier }: NewVersion,
  signal?: AbortSignal,
): Promise<Pick<OwnFile, 'documentId' | 'versionId'>> {
  const call: SalesforceCall = {
    name: `add file ${roster.fileName} to opportunity ${dealId}`,
    effect: 'create',
    object: 'ContentVersion',
    secrets: 'all',
  };
  const record = {
    Title: roster.fileName,
    PathOnClient: roster.fileName,
    ...(earlier === undefined
      ? { FirstPublishLocationId: dealId }
      : { ContentDocumentId: earlier.documentId }),
  };
  const file = { field: 'VersionData', fileName: roster.fileName, bytes: roster.csv };
  const { id: versionId } = await connection.upload(
    call,
    created,
    { path: '/sobjects/ContentVersion', record, file },
    signal,
  );
  if (earlier !== undefined) return { versionId, documentId: earlier.documentId };
  const soql = `SELECT ContentDocumentId FROM ContentVersion WHERE Id = ${soqlString(versionId)}`;
  const looking: SalesforceCall = {
    name: `look for file ${roster.fileName} on opportunity ${dealId}`,
    effect: 'read',
    object: 'ContentVersion',
  };
  const [version] = await connection.query(soql, madeVersion, looking, signal);
  if (version !== undefined) return { versionId, documentId: version.ContentDocumentId };
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `Salesforce: ${call.name}: version ${versionId} is not to be found`,
  });
}
