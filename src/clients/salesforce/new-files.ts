import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import { answerOf, makeTogether, type Part, type PartOutcome, readsAsReference } from './composite.ts';
import type { Connection } from './connection.ts';
import { created } from './records.ts';
import type { OwnFile } from './roster-files.ts';

interface NewVersion {
  readonly dealId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

interface WantedFile extends NewVersion {
  /** Our file of that name and content, when there is one. */
  readonly same: OwnFile | undefined;
  /** Our file of that name, when there is one. */
  readonly earlier: OwnFile | undefined;
}

export function lookAmong(existing: readonly OwnFile[], version: NewVersion): WantedFile {
  const named = existing.filter(({ title }) => title === version.fileName);
  const checksum = createHash('md5').update(version.bytes).digest('hex');
  const same = named.find((file) => file.checksum?.toLowerCase() === checksum);
  return { ...version, same, earlier: named[0] };
}

/** Beyond it the bytes go as they are, instead of as a text that has to be held several times over. */
const LARGEST_AS_TEXT = 512 * 1024;

/** Orgs that take a file by itself and not with other calls: Salesforce's pages do not agree on that. */
const takeFilesAlone = new WeakSet<Connection>();

type Version = Pick<OwnFile, 'documentId' | 'versionId'>;

interface Made {
  readonly csv: Version;
  /** Null: no workbook is wanted. */
  readonly workbookId: string | null;
}

interface Wanted {
  readonly csv: WantedFile;
  readonly xlsx: WantedFile | undefined;
}

/** In as few calls as go: what is small goes as text in one call with the question which file was made of the roster. */
export async function insertMissing(
  connection: Connection,
  { csv, xlsx }: Wanted,
  signal?: AbortSignal,
): Promise<Made> {
  const missing = xlsx && !xlsx.same && !xlsx.earlier && goesAsText(connection, xlsx) ? xlsx : undefined;
  const made =
    csv.same === undefined
      ? await insertRoster(connection, { csv, workbook: missing }, signal)
      : { csv: csv.same, workbookId: null };
  const workbookId =
    made.workbookId ?? xlsx?.same?.versionId ?? (xlsx ? await uploadAlone(connection, xlsx, signal) : null);
  return { csv: made.csv, workbookId };
}

function goesAsText(connection: Connection, version: WantedFile): boolean {
  const isSmall = version.bytes.length <= LARGEST_AS_TEXT && !readsAsReference(recordOf(version));
  return isSmall && !takeFilesAlone.has(connection);
}

/** `workbook`: what may go along as text. */
async function insertRoster(
  connection: Connection,
  { csv, workbook }: { readonly csv: WantedFile; readonly workbook: WantedFile | undefined },
  signal?: AbortSignal,
): Promise<Made> {
  const goesWithQuestion = csv.earlier === undefined && goesAsText(connection, csv);
  if (goesWithQuestion) {
    const inserted = await insertSmall(connection, { csv, workbook }, signal);
    if (inserted !== null) return inserted;
  }
  const versionId = await uploadAlone(connection, csv, signal);
  if (goesWithQuestion) takeFilesAlone.add(connection);
  if (csv.earlier !== undefined) {
    return { csv: { versionId, documentId: csv.earlier.documentId }, workbookId: null };
  }
  const along = takeFilesAlone.has(connection) ? undefined : workbook;
  const { document, file } = await makeTogether(
    connection,
    { document: documentOf(csv, versionId), file: along && partOf(along) },
    signal,
  );
  return { csv: { versionId, documentId: answerOf(document).ContentDocumentId }, workbookId: idOf(file) };
}

async function uploadAlone(
  connection: Connection,
  version: WantedFile,
  signal?: AbortSignal,
): Promise<string> {
  const { id } = await connection.upload(
    insertOf(version),
    created,
    {
      path: '/sobjects/ContentVersion',
      record: recordOf(version),
      file: { field: 'VersionData', fileName: version.fileName, bytes: version.bytes },
    },
    signal,
  );
  return id;
}

/** Salesforce says only when it is asked which file it has made of a version. Null: it took none in this way. */
async function insertSmall(
  connection: Connection,
  { csv, workbook }: { readonly csv: WantedFile; readonly workbook: WantedFile | undefined },
  signal?: AbortSignal,
): Promise<Made | null> {
  const isTogether = workbook !== undefined && csv.bytes.length + workbook.bytes.length <= LARGEST_AS_TEXT;
  const { file, document, along } = await makeTogether(
    connection,
    {
      file: partOf(csv),
      document: documentOf(csv, '@{file.id}'),
      along: isTogether ? partOf(workbook) : undefined,
    },
    signal,
  );
  if (file.is === 'failed' && file.failure.class === 'attention') return null;
  const { id: versionId } = answerOf(file);
  return { csv: { versionId, documentId: answerOf(document).ContentDocumentId }, workbookId: idOf(along) };
}

function idOf(outcome: PartOutcome<z.infer<typeof created>> | undefined): string | null {
  return outcome === undefined ? null : answerOf(outcome).id;
}

function partOf(version: WantedFile): Part<z.infer<typeof created>> {
  return {
    call: insertOf(version),
    method: 'POST',
    path: '/sobjects/ContentVersion',
    body: { ...recordOf(version), VersionData: Buffer.from(version.bytes).toString('base64') },
    answer: created,
  };
}

function insertOf({ dealId, fileName }: NewVersion): SalesforceCall {
  return {
    name: `add file ${fileName} to opportunity ${dealId}`,
    effect: 'create',
    object: 'ContentVersion',
    secrets: 'all',
  };
}

function recordOf({ dealId, fileName, earlier }: WantedFile): object {
  return {
    Title: fileName,
    PathOnClient: fileName,
    ...(earlier === undefined
      ? { FirstPublishLocationId: dealId }
      : { ContentDocumentId: earlier.documentId }),
  };
}

const madeVersion = z.object({ ContentDocumentId: z.string() });

function documentOf({ dealId, fileName }: NewVersion, versionId: string): Part<z.infer<typeof madeVersion>> {
  return {
    call: {
      name: `look for file ${fileName} on opportunity ${dealId}`,
      effect: 'read',
      object: 'ContentVersion',
      whenMissing: 'crm.bad_response',
    },
    method: 'GET',
    path: `/sobjects/ContentVersion/${versionId}?fields=ContentDocumentId`,
    answer: madeVersion,
  };
}
