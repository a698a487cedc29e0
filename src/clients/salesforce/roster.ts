import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { SalesforceCall } from './call.ts';
import { answerOf, makeTogether, type Part, readsAsReference } from './composite.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { created, done } from './records.ts';
import { type OwnFile, readOwnFiles } from './roster-files.ts';

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

/** Beyond it the bytes go as they are, instead of as a text that has to be held several times over. */
const LARGEST_AS_TEXT = 512 * 1024;

/** Orgs that take a file by itself and not with other calls: Salesforce's pages do not agree on that. */
const takeFilesAlone = new WeakSet<Connection>();

type Version = Pick<OwnFile, 'documentId' | 'versionId'>;

async function insertVersion(
  connection: Connection,
  version: NewVersion,
  signal?: AbortSignal,
): Promise<Version> {
  const { dealId, roster, earlier } = version;
  const call: SalesforceCall = {
    name: `add file ${roster.fileName} to opportunity ${dealId}`,
    effect: 'create',
    object: 'ContentVersion',
    secrets: 'all',
  };
  const isSmall = roster.csv.length <= LARGEST_AS_TEXT && !readsAsReference(recordOf(version));
  const goesWithQuestion = earlier === undefined && isSmall && !takeFilesAlone.has(connection);
  if (goesWithQuestion) {
    const inserted = await insertSmall(connection, { call, version }, signal);
    if (inserted !== null) return inserted;
  }
  const { id: versionId } = await connection.upload(
    call,
    created,
    {
      path: '/sobjects/ContentVersion',
      record: recordOf(version),
      file: { field: 'VersionData', fileName: roster.fileName, bytes: roster.csv },
    },
    signal,
  );
  if (goesWithQuestion) takeFilesAlone.add(connection);
  if (earlier !== undefined) return { versionId, documentId: earlier.documentId };
  const { call: looking, path, answer } = documentOf(version, versionId);
  const found = await connection.request(looking, answer, (jsforce) => jsforce.requestGet(path), signal);
  return { versionId, documentId: found.ContentDocumentId };
}

/** Salesforce says only when it is asked which file it has made of a version. Null: it took none in this way. */
async function insertSmall(
  connection: Connection,
  { call, version }: { readonly call: SalesforceCall; readonly version: NewVersion },
  signal?: AbortSignal,
): Promise<Version | null> {
  const VersionData = Buffer.from(version.roster.csv).toString('base64');
  const { file, document } = await makeTogether(
    connection,
    {
      file: {
        call,
        method: 'POST',
        path: '/sobjects/ContentVersion',
        body: { ...recordOf(version), VersionData },
        answer: created,
      },
      document: documentOf(version, '@{file.id}'),
    },
    signal,
  );
  if (file.is === 'failed' && file.failure.class === 'attention') return null;
  return { versionId: answerOf(file).id, documentId: answerOf(document).ContentDocumentId };
}

function recordOf({ dealId, roster: { fileName }, earlier }: NewVersion): object {
  return {
    Title: fileName,
    PathOnClient: fileName,
    ...(earlier === undefined
      ? { FirstPublishLocationId: dealId }
      : { ContentDocumentId: earlier.documentId }),
  };
}

const madeVersion = z.object({ ContentDocumentId: z.string() });

function documentOf({ dealId, roster }: NewVersion, versionId: string): Part<z.infer<typeof madeVersion>> {
  return {
    call: {
      name: `look for file ${roster.fileName} on opportunity ${dealId}`,
      effect: 'read',
      object: 'ContentVersion',
      whenMissing: 'crm.bad_response',
    },
    method: 'GET',
    path: `/sobjects/ContentVersion/${versionId}?fields=ContentDocumentId`,
    answer: madeVersion,
  };
}
