import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection } from './connection.ts';
import { withReadBack } from './read-back.ts';

/** Where rosters lie in HubSpot's file tool. Every user with that tool sees the name; only signed URLs open them. */
const FOLDER = '/dealseat/rosters';

const fileSchema = z.object({
  id: z.coerce.string().min(1),
  access: z.string().nullish(),
  size: z.number().nullish(),
  fileMd5: z.string().nullish(),
  path: z.string().nullish(),
});

export type StoredFile = z.infer<typeof fileSchema>;

export interface NewFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly timeoutMs: number;
}

/** The file with this id, or null when there is none (any more). */
export async function readFile(
  connection: Connection,
  fileId: string,
  signal?: AbortSignal,
): Promise<StoredFile | null> {
  const call = { name: `read file ${fileId}`, effect: 'read', answer: fileSchema, signal } as const;
  return connection.call(call, ({ files }) => files.filesApi.getById(fileId)).catch(unlessMissing(null));
}

/** By checksum where HubSpot gives one, else by size. */
export function holds(file: StoredFile, bytes: Uint8Array): boolean {
  if (file.fileMd5) return file.fileMd5.toLowerCase() === createHash('md5').update(bytes).digest('hex');
  return file.size === bytes.byteLength;
}

const foundSchema = z.object({ results: z.array(fileSchema) });

/**
 * Files of this name in our folder. The client's method for this takes 38 arguments by position, so the call is
 * made without it. HubSpot looks for names that contain the given one, and keeps the extension apart.
 */
export async function findFiles(
  connection: Connection,
  fileName: string,
  signal?: AbortSignal,
): Promise<StoredFile[]> {
  const found = await searchFiles(connection, fileName.replace(/\.csv$/, ''), signal);
  return found.filter(({ path }) => path === `${FOLDER}/${fileName}`);
}

/** CSV files in our folder whose name ends in this. */
export async function findFilesEndingIn(
  connection: Connection,
  ending: string,
  signal?: AbortSignal,
): Promise<(StoredFile & { readonly fileName: string })[]> {
  const found = await searchFiles(connection, ending, signal);
  return found.flatMap((file) => {
    const fileName = file.path?.startsWith(`${FOLDER}/`) ? file.path.slice(FOLDER.length + 1) : '';
    return fileName.endsWith(`${ending}.csv`) ? [{ ...file, fileName }] : [];
  });
}

async function searchFiles(
  connection: Connection,
  name: string,
  signal: AbortSignal | undefined,
): Promise<StoredFile[]> {
  const { results } = await connection.request(
    { name: `look for file ${name}`, effect: 'read', answer: foundSchema, signal },
    {
      method: 'GET',
      path: '/files/v3/files/search',
      query: { name, extension: 'csv', limit: '100' },
    },
  );
  return results;
}

/**
 * Repeat-safe: the name belongs to one deal and closing alone, and a file of the same name in the folder is
 * replaced. HubSpot does not say whether it compares bytes or names when it looks for duplicates, so that is off.
 */
export async function uploadPrivately(
  connection: Connection,
  { fileName, bytes, timeoutMs }: NewFile,
  signal?: AbortSignal,
): Promise<StoredFile> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = JSON.stringify({
    access: 'PRIVATE',
    overwrite: true,
    duplicateValidationStrategy: 'NONE',
    duplicateValidationScope: 'EXACT_FOLDER',
  });
  const call = {
    name: `upload file ${fileName}`,
    effect: 'overwrite',
    carriesSecrets: true,
    answer: fileSchema,
    timeoutMs,
    signal,
  } as const;
  const file = await withReadBack(
    () =>
      connection.call(call, ({ files: { filesApi } }) =>
        filesApi.upload({ data, name: fileName }, undefined, FOLDER, fileName, undefined, options),
      ),
    async () => {
      const found = await findFiles(connection, fileName, signal);
      return found.find((candidate) => holds(candidate, bytes)) ?? null;
    },
  );
  if (file.access && file.access !== 'PRIVATE') {
    throw new DealseatError({
      code: 'crm.invalid_request',
      message: `HubSpot: upload file ${fileName}: the file came out ${file.access}, not PRIVATE. Delete it in HubSpot and check the settings of the file tool.`,
    });
  }
  return file;
}

/** Nothing there is success. */
export async function deleteFile(
  connection: Connection,
  fileId: string,
  signal?: AbortSignal,
): Promise<void> {
  const call = { name: `delete file ${fileId}`, effect: 'overwrite', answer: z.unknown(), signal } as const;
  await connection.call(call, ({ files }) => files.filesApi.archive(fileId)).catch(unlessMissing(null));
}

const signedUrlSchema = z.object({ url: z.string().min(1), expiresAt: z.coerce.date() });

/** A link that opens the private file without a login, until it expires. Whoever has it has the codes. */
export async function signRosterUrl(
  connection: Connection,
  fileId: string,
  options: { readonly validForSeconds: number; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly url: string; readonly expiresAt: Date }> {
  return connection.call(
    { name: `sign link to file ${fileId}`, effect: 'read', answer: signedUrlSchema, signal: options.signal },
    (client) => client.files.filesApi.getSignedUrl(fileId, undefined, options.validForSeconds),
  );
}

/** For `catch`: what is not there counts as `value`. */
export function unlessMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    const isMissing =
      error instanceof DealseatError &&
      (error.code === 'crm.not_found' || error.code === 'crm.deal_not_found');
    if (isMissing) return value;
    throw error;
  };
}
