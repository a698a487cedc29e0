import { workbookName } from '../../domain/seats/roster.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { Access } from './access.ts';
import { unlessMissing } from './failures.ts';
import { withReadBack } from './read-back.ts';
import {
  createRosterNote,
  deleteNote,
  findRosterNotes,
  type RosterNote,
  updateRosterNote,
} from './roster-note.ts';
import {
  deleteFile,
  findFiles,
  holds,
  isPrivate,
  isRoster,
  readFile,
  requireRosterName,
  type StoredFile,
  uploadPrivately,
} from './stored-files.ts';

/** A large roster on a slow line takes longer than other calls. */
const UPLOAD_TIMEOUT_FACTOR = 4;

/**
 * Puts the roster and its workbook into private files, and a note with those files on the deal; each once. The note is where a later
 * call looks first: a file of ours without a note is an upload whose answer was lost, and the next one replaces it.
 */
export async function attachRoster(
  access: Access,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  requireRosterName(roster.fileName);
  const [note] = roster.isNew ? [] : await findRosterNotes(access, roster, signal);
  const attached = note ? await readAttachments(access, note, signal) : [];
  const { fileName, csv, xlsx } = roster;
  const workbook = { fileName: workbookName(fileName), bytes: xlsx };
  const kept = attached.find((file) => isSame(file, { fileName, bytes: csv }));
  const { id: fileId } = kept ?? (await upload(access, { fileName, bytes: csv }, signal));
  const known = attached.filter((file) => isRoster(file, workbook.fileName));
  const keptWorkbook = known.find((file) => isSame(file, workbook));
  const { id: workbookFileId } = keptWorkbook ?? (await uploadIfAny(access, workbook, signal)) ?? {};
  const fileIds = [fileId, ...(workbookFileId === undefined ? [] : [workbookFileId])];
  if (!note) {
    await withReadBack(
      () => createRosterNote(access, { roster, fileIds }, signal),
      async () => (await findRosterNotes(access, roster, signal))[0]?.id ?? null,
    );
  } else if (!kept || (xlsx ? !keptWorkbook : known.length > 0)) {
    // An upload took the place of the file that the note had; what people added stays.
    const own = [fileName, workbook.fileName];
    const foreign = attached.filter((file) => !own.some((name) => isRoster(file, name))).map(({ id }) => id);
    await updateRosterNote(access, { note, fileIds: [...foreign, ...fileIds], roster }, signal);
    // A workbook of earlier seats. The note goes first, which HubSpot refuses with a file that is gone.
    if (!xlsx) for (const { id } of known) await deleteFile(access.connection, id, signal);
  }
  const url = access.portal.fileUrl(fileId);
  return { fileId, url, ...(workbookFileId === undefined ? {} : { workbookFileId }) };
}

/**
 * Removes the files, and our note unless it has come to carry files of others too. What is not there is removed already,
 * and files of another name are not ours to remove.
 */
export async function removeRoster(
  access: Access,
  roster: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const { connection } = access;
  const own = [roster.fileName, workbookName(roster.fileName)] as const;
  const named = await findFiles(connection, own, signal);
  const notes = await findRosterNotes(access, roster, signal).catch(unlessMissing([]));
  const removed = new Set(named.map(({ id }) => id));
  const foreignIds = new Map<string, string[]>();
  for (const note of notes) {
    const attached = await readAttachments(access, note, signal);
    // HubSpot's file search may not know a new file yet, but its note does.
    for (const file of attached) if (own.some((name) => isRoster(file, name))) removed.add(file.id);
    foreignIds.set(
      note.id,
      attached.flatMap(({ id }) => (removed.has(id) ? [] : id)),
    );
  }
  // The files go first: a note without its file gives nobody a code, a file without its note does.
  for (const id of removed) await deleteFile(connection, id, signal);
  for (const note of notes) {
    const fileIds = foreignIds.get(note.id) ?? [];
    if (fileIds.length === 0) await deleteNote(connection, note.id, signal);
    else if (fileIds.length < note.fileIds.length) await updateRosterNote(access, { note, fileIds }, signal);
  }
}

/** The files of the note that still exist: HubSpot refuses a note that names others. */
async function readAttachments(
  { connection }: Access,
  { fileIds }: RosterNote,
  signal?: AbortSignal,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const id of fileIds) {
    const file = await readFile(connection, id, signal);
    if (file) files.push(file);
  }
  return files;
}

interface NewRosterFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

function isSame(
  file: StoredFile,
  { fileName, bytes }: { readonly fileName: string; readonly bytes?: Uint8Array | undefined },
): boolean {
  return bytes !== undefined && isRoster(file, fileName) && isPrivate(file) && holds(file, bytes);
}

async function uploadIfAny(
  access: Access,
  { fileName, bytes }: { readonly fileName: string; readonly bytes?: Uint8Array | undefined },
  signal?: AbortSignal,
): Promise<StoredFile | null> {
  return bytes === undefined ? null : await upload(access, { fileName, bytes }, signal);
}

function upload(
  { connection, timeoutMs }: Access,
  file: NewRosterFile,
  signal?: AbortSignal,
): Promise<StoredFile> {
  return uploadPrivately(connection, { ...file, timeoutMs: timeoutMs * UPLOAD_TIMEOUT_FACTOR }, signal);
}
