import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection } from './connection.ts';
import { unlessMissing } from './failures.ts';
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

/** Deal tokens have a d and fifteen hex digits, which is a hex digit too. */
const ROSTER_NAME = /^[a-z0-9][a-z0-9-]*-[0-9a-f]{15,}\.(csv|xlsx)$/;

/**
 * Refuses names that do not end in a deal's token. All rosters lie in one folder, and uploads and deletes go by name:
 * whoever gets another deal's name in here would replace its file.
 */
export function requireRosterName(fileName: string): string {
  if (ROSTER_NAME.test(fileName)) return fileName;
  throw new DealseatError({
    code: 'crm.invalid_request',
    message: `HubSpot: roster file "${fileName.slice(0, 120)}": the name is not of the form …-<token of the deal>.csv, in [a-z0-9-]. Put the earlier value of the deal's ledger field back.`,
  });
}

/** Whether it is the file of this name in our folder; nothing else of that name is ours. */
export function isRoster({ path }: StoredFile, fileName: string): boolean {
  return path === `${FOLDER}/${fileName}`;
}

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
 * Files of these names, which differ in their ending alone, in our folder. The client's method for this takes 38 arguments by position, so the call is
 * made without it. HubSpot looks for names that contain the given one, and keeps the extension apart.
 */
export async function findFiles(
  connection: Connection,
  fileNames: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<StoredFile[]> {
  const [name] = fileNames.map((fileName) => requireRosterName(fileName).replace(/\.[a-z]+$/, ''));
  const found = await searchFiles(connection, name ?? '', signal);
  return found.filter((file) => fileNames.some((fileName) => isRoster(file, fileName)));
}

/** CSV files in our folder whose name ends in this. */
export async function findFilesEndingIn(
  connection: Connection,
  ending: string,
  signal?: AbortSignal,
): Promise<(StoredFile & { readonly fileName: string })[]> {
  const found = await searchFiles(connection, ending, signal);
  return found.flatMap((file) => {
    const fileName = nameInFolder(file);
    return fileName.endsWith(`${ending}.csv`) ? [{ ...file, fileName }] : [];
  });
}

/** Names of CSV files in our folder that begin so. */
export async function findFileNames(
  connection: Connection,
  beginning: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const found = await searchFiles(connection, beginning, signal);
  return found.map(nameInFolder).filter((fileName) => fileName.startsWith(beginning));
}

/** Empty for a file that lies elsewhere. */
function nameInFolder({ path }: StoredFile): string {
  return path?.startsWith(`${FOLDER}/`) ? path.slice(FOLDER.length + 1) : '';
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
      query: { name, limit: '100' },
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
    name: `upload file ${requireRosterName(fileName)}`,
    effect: 'overwrite',
    secrets: 'all',
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
      const found = await findFiles(connection, [fileName], signal);
      return found.find((candidate) => holds(candidate, bytes)) ?? null;
    },
  );
  if (!isPrivate(file)) throw await withdrawPublic(connection, { fileName, file }, signal);
  return file;
}

export function isPrivate({ access }: StoredFile): boolean {
  return !access || access === 'PRIVATE';
}

/** Redeem links are as good as money, and anybody may compute the address of a public file. */
async function withdrawPublic(
  connection: Connection,
  { fileName, file }: { readonly fileName: string; readonly file: StoredFile },
  signal?: AbortSignal,
): Promise<DealseatError> {
  const found = `HubSpot: upload file ${fileName}: the file came out ${file.access}, not PRIVATE`;
  try {
    await deleteFile(connection, file.id, signal);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code, message, retryAfterMs } = error;
    const cure = `Delete file ${file.id} in HubSpot: everybody who knows its address has the codes.`;
    return new DealseatError({
      code,
      message: `${found}, and could not be deleted (${message}). ${cure}`,
      retryAfterMs,
      cause: error,
    });
  }
  return new DealseatError({
    code: 'crm.invalid_request',
    message: `${found}, and was deleted. Check the settings of the file tool.`,
  });
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
