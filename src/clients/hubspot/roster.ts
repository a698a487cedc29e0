import { z } from 'zod';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { Connection } from './connection.ts';
import { createEngagement, type EngagementQuery, findEngagements, withReference } from './engagements.ts';
import type { Portal } from './portal.ts';
import { withReadBack } from './read-back.ts';
import { type HubSpotRecord, propertyOf, recordSchema } from './records.ts';
import {
  deleteFile,
  findFiles,
  holds,
  readFile,
  type StoredFile,
  unlessMissing,
  uploadPrivately,
} from './stored-files.ts';

/** A large roster on a slow line takes longer than other calls. */
const UPLOAD_TIMEOUT_FACTOR = 4;

interface Deps {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly timeoutMs: number;
}

/**
 * Puts the roster into a private file, and a note with that file on the deal; each once. The note is where a later
 * call looks first: a file of ours without a note is an upload whose answer was lost, and the next one replaces it.
 */
export async function attachRoster(
  deps: Deps,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  const { connection, portal } = deps;
  const note = await findNote(connection, roster, signal);
  const kept = note && (await findUnchanged(connection, { note, csv: roster.csv }, signal));
  const fileId = kept ?? (await upload(deps, roster, signal)).id;
  if (!note) {
    await withReadBack(
      () => createNote(connection, { roster, fileId }, signal),
      () => findNote(connection, roster, signal),
    );
  } else if (!kept) await moveNote(connection, { note, roster, fileId }, signal);
  return { fileId, url: portal.fileUrl(fileId) };
}

/** Removes file and note; what is not there is removed already. */
export async function removeRoster(
  { connection }: Deps,
  roster: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const notes = await findEngagements(connection, noteQuery(roster, signal)).catch(unlessMissing([]));
  const attached = notes.flatMap((note) => toNote(note).fileIds);
  const named = await findFiles(connection, roster.fileName, signal);
  // The files go first: a note without its file gives nobody a code, a file without its note does.
  for (const id of new Set([...attached, ...named.map((file) => file.id)])) {
    await deleteFile(connection, id, signal);
  }
  for (const { id } of notes) {
    await connection
      .call({ name: `delete note ${id}`, effect: 'overwrite', answer: z.unknown(), signal }, (client) =>
        client.crm.objects.notes.basicApi.archive(id),
      )
      .catch(unlessMissing(null));
  }
}

interface RosterNote {
  readonly id: string;
  readonly fileIds: readonly string[];
}

function toNote(record: HubSpotRecord): RosterNote {
  const joined = propertyOf(record, 'hs_attachment_ids') ?? '';
  return { id: record.id, fileIds: joined.split(';').filter((id) => id !== '') };
}

function noteQuery(
  { dealId, fileName }: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): EngagementQuery {
  return {
    type: 'notes',
    dealId,
    reference: `roster ${fileName}`,
    properties: ['hs_attachment_ids'],
    signal,
  };
}

async function findNote(
  connection: Connection,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<RosterNote | null> {
  const [found] = await findEngagements(connection, noteQuery(roster, signal));
  return found ? toNote(found) : null;
}

async function createNote(
  connection: Connection,
  { roster, fileId }: { readonly roster: RosterFile; readonly fileId: string },
  signal?: AbortSignal,
): Promise<RosterNote> {
  const id = await createEngagement(connection, {
    ...noteQuery(roster, signal),
    html: roster.noteHtml,
    properties: { hs_attachment_ids: fileId },
  });
  return { id, fileIds: [fileId] };
}

/** The roster has other bytes than the one the note carries: the note stays, with the new file and text. */
async function moveNote(
  connection: Connection,
  {
    note,
    roster,
    fileId,
  }: { readonly note: RosterNote; readonly roster: RosterFile; readonly fileId: string },
  signal?: AbortSignal,
): Promise<void> {
  const { reference } = noteQuery(roster);
  const properties = { hs_attachment_ids: fileId, hs_note_body: withReference(roster.noteHtml, reference) };
  await connection.call(
    { name: `update note ${note.id}`, effect: 'overwrite', answer: recordSchema, signal },
    (client) => client.crm.objects.notes.basicApi.update(note.id, { properties }),
  );
}

/** The file of the note, if it still holds exactly these bytes. */
async function findUnchanged(
  connection: Connection,
  { note, csv }: { readonly note: RosterNote; readonly csv: Uint8Array },
  signal?: AbortSignal,
): Promise<string | null> {
  for (const fileId of note.fileIds) {
    const file = await readFile(connection, fileId, signal);
    if (file && holds(file, csv)) return file.id;
  }
  return null;
}

function upload(
  { connection, timeoutMs }: Deps,
  { fileName, csv }: RosterFile,
  signal?: AbortSignal,
): Promise<StoredFile> {
  const bound = timeoutMs * UPLOAD_TIMEOUT_FACTOR;
  return uploadPrivately(connection, { fileName, bytes: csv, timeoutMs: bound }, signal);
}
