import { z } from 'zod';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

const linkRow = z.object({
  ContentDocumentId: z.string(),
  ContentDocument: z.object({ Title: text, CreatedById: text }).nullish(),
});

const versionRow = z.object({
  Id: z.string(),
  ContentDocumentId: z.string(),
  FirstPublishLocationId: text,
  IsLatest: z.boolean(),
  Checksum: text,
});

/** A file of ours on the opportunity, with its latest version. */
export interface OwnFile {
  readonly title: string;
  readonly documentId: string;
  readonly versionId: string;
  /** MD5 as hex digits. */
  readonly checksum: string | null;
}

/**
 * Files on the opportunity that the integration user made for this very opportunity. A file of the same name that a
 * person added is not ours; nor is the roster of another deal that a person linked here, which would be gone from that
 * deal as well.
 */
export async function readOwnFiles(
  connection: Connection,
  { dealId, isNamed }: { readonly dealId: string; readonly isNamed: (title: string) => boolean },
  signal?: AbortSignal,
): Promise<OwnFile[]> {
  const { userId } = await connection.token(signal);
  // By link: a file that someone took off the opportunity is the opportunity's no longer.
  const links = await connection.query(
    'SELECT ContentDocumentId, ContentDocument.Title, ContentDocument.CreatedById FROM ContentDocumentLink ' +
      `WHERE LinkedEntityId = ${soqlString(dealId)}`,
    linkRow,
    lookingOn(dealId, 'ContentDocumentLink'),
    signal,
  );
  const titles = new Map<string, string>();
  for (const { ContentDocumentId, ContentDocument } of links) {
    const { Title: title = null, CreatedById = null } = ContentDocument ?? {};
    if (title !== null && CreatedById === userId && isNamed(title)) titles.set(ContentDocumentId, title);
  }
  if (titles.size === 0) return [];
  const versions = await connection.query(
    'SELECT Id, ContentDocumentId, FirstPublishLocationId, IsLatest, Checksum FROM ContentVersion ' +
      `WHERE ContentDocumentId IN ${soqlList([...titles.keys()])}`,
    versionRow,
    lookingOn(dealId, 'ContentVersion'),
    signal,
  );
  return [...titles].flatMap(([documentId, title]) => {
    const all = versions.filter(({ ContentDocumentId }) => ContentDocumentId === documentId);
    const latest = all.find(({ IsLatest }) => IsLatest);
    // Only the first version of a file has the place where it was published.
    const isFromHere = all.some(({ FirstPublishLocationId }) => FirstPublishLocationId === dealId);
    if (latest === undefined || !isFromHere) return [];
    return [{ title, documentId, versionId: latest.Id, checksum: latest.Checksum }];
  });
}

const titleRow = z.object({ Title: text });

/** Titles of files of ours that begin so, on whichever opportunity. */
export async function findFileNames(
  connection: Connection,
  beginning: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { userId } = await connection.token(signal);
  const isOurs = `IsLatest = true AND CreatedById = ${soqlString(userId)}`;
  const rows = await connection.query(
    `SELECT Title FROM ContentVersion WHERE ${isOurs} AND Title LIKE ${soqlString(`${beginning}%`)}`,
    titleRow,
    { name: `look for files ${beginning}…`, effect: 'read', object: 'ContentVersion' },
    signal,
  );
  return rows.flatMap(({ Title }) => (Title?.startsWith(beginning) ? Title : []));
}

function lookingOn(dealId: string, object: string): SalesforceCall {
  return { name: `look for rosters on opportunity ${dealId}`, effect: 'read', object };
}
