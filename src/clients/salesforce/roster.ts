import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { opportunityId } from './deal.ts';
import { created, done, text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

const linkRow = z.object({
  ContentDocumentId: z.string(),
  ContentDocument: z.object({ Title: text }).nullish(),
});
const versionRow = z.object({ Id: z.string(), ContentDocumentId: z.string(), Checksum: text });

type Version = z.infer<typeof versionRow>;

/**
 * Puts the roster on the opportunity, once. Salesforce gives a plain insert no key of its own, so a repeat looks
 * for a file of the same title and MD5 first; a file of the same title with other bytes gets a new version.
 */
export async function attachRoster(
  session: SalesforceSession,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  const dealId = opportunityId(roster.dealId);
  const existing = await findVersions(session, dealId, roster.fileName, signal);
  const checksum = createHash('md5').update(roster.csv).digest('hex');
  const same = existing.find((version) => version.Checksum?.toLowerCase() === checksum);
  const version = same ?? (await insertVersion(session, { dealId, roster, earlier: existing[0] }, signal));
  const { instanceUrl } = await session.token(signal);
  return {
    fileId: version.Id,
    url: `${instanceUrl}/lightning/r/ContentDocument/${version.ContentDocumentId}/view`,
  };
}

/** Deletes the file with all versions and links; one that is gone already counts as deleted. */
export async function removeRoster(
  session: SalesforceSession,
  roster: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const dealId = opportunityId(roster.dealId);
  for (const documentId of await findDocuments(session, dealId, roster.fileName, signal)) {
    const call: Call = {
      what: `deleting file ${documentId} (${roster.fileName})`,
      object: 'ContentDocument',
    };
    try {
      await session.request(
        call,
        done,
        (connection) => connection.sobject('ContentDocument').destroy(documentId),
        signal,
      );
    } catch (error) {
      if (!(error instanceof DealseatError && error.code === 'crm.not_found')) throw error;
    }
  }
}

/** Latest versions of the deal's files of that name. */
async function findVersions(
  session: SalesforceSession,
  dealId: string,
  fileName: string,
  signal?: AbortSignal,
): Promise<Version[]> {
  const documentIds = await findDocuments(session, dealId, fileName, signal);
  if (documentIds.length === 0) return [];
  const soql =
    'SELECT Id, ContentDocumentId, Checksum FROM ContentVersion ' +
    `WHERE ContentDocumentId IN ${soqlList(documentIds)} AND IsLatest = true`;
  return await session.query(soql, versionRow, lookingFor(dealId, fileName), signal);
}

/**
 * By link, not by `FirstPublishLocationId`: that stays empty on later versions, and a file that someone took off
 * the opportunity is no longer the opportunity's.
 */
async function findDocuments(
  session: SalesforceSession,
  dealId: string,
  fileName: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const files = await filesOf(session, dealId, lookingFor(dealId, fileName), signal);
  return files.filter(({ title }) => title === fileName).map(({ documentId }) => documentId);
}

/** Every file that is linked to the opportunity, ours and others'. */
export async function filesOf(
  session: SalesforceSession,
  dealId: string,
  call: Call,
  signal?: AbortSignal,
): Promise<{ readonly documentId: string; readonly title: string | null }[]> {
  const soql =
    'SELECT ContentDocumentId, ContentDocument.Title FROM ContentDocumentLink ' +
    `WHERE LinkedEntityId = ${soqlString(dealId)}`;
  const links = await session.query(soql, linkRow, call, signal);
  return links.map((link) => ({
    documentId: link.ContentDocumentId,
    title: link.ContentDocument?.Title ?? null,
  }));
}

function lookingFor(dealId: string, fileName: string): Call {
  return { what: `looking for ${fileName} on opportunity ${dealId}`, object: 'ContentDocument' };
}

interface NewVersion {
  readonly dealId: string;
  readonly roster: RosterFile;
  /** The file of that name, when there is one. */
  readonly earlier: Version | undefined;
}

async function insertVersion(
  session: SalesforceSession,
  { dealId, roster, earlier }: NewVersion,
  signal?: AbortSignal,
): Promise<Pick<Version, 'Id' | 'ContentDocumentId'>> {
  const call: Call = {
    what: `adding file ${roster.fileName} to opportunity ${dealId}`,
    object: 'ContentVersion',
    creates: true,
    confidential: true,
  };
  const record = {
    Title: roster.fileName,
    PathOnClient: roster.fileName,
    VersionData: Buffer.from(roster.csv).toString('base64'),
    ...(earlier === undefined
      ? { FirstPublishLocationId: dealId }
      : { ContentDocumentId: earlier.ContentDocumentId }),
  };
  const { id } = await session.request(
    call,
    created,
    (connection) => connection.sobject('ContentVersion').create(record),
    signal,
  );
  if (earlier !== undefined) return { Id: id, ContentDocumentId: earlier.ContentDocumentId };
  const soql = `SELECT Id, ContentDocumentId, Checksum FROM ContentVersion WHERE Id = ${soqlString(id)}`;
  const [version] = await session.query(soql, versionRow, lookingFor(dealId, roster.fileName), signal);
  if (version !== undefined) return version;
  throw new DealseatError({
    code: 'crm.bad_response',
    message: `Salesforce: adding file ${roster.fileName} to opportunity ${dealId}: version ${id} is not to be found`,
  });
}
