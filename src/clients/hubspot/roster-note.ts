import { z } from 'zod';
import type { RosterFile } from '../crm.ts';
import type { Access } from './access.ts';
import type { Connection } from './connection.ts';
import { BODY_PROPERTY, createEngagement, findEngagements } from './engagements.ts';
import { unlessMissing } from './failures.ts';
import { propertyOf, recordSchema } from './records.ts';
import { carriesReference, withReference } from './reference.ts';

/** The note that shows a roster on its deal. Ours alone: it is found by who made it, then by its reference. */
export interface RosterNote {
  readonly id: string;
  /** Ours, and those that people added. */
  readonly fileIds: readonly string[];
}

type Named = Pick<RosterFile, 'dealId' | 'fileName'>;

const ATTACHMENTS = 'hs_attachment_ids';

export async function findRosterNotes(
  access: Access,
  { dealId, fileName }: Named,
  signal?: AbortSignal,
): Promise<RosterNote[]> {
  const isWanted = (html: string) => carriesReference(html, referenceKey(fileName));
  const query = { type: 'notes', dealId, isWanted, properties: [ATTACHMENTS], signal } as const;
  const records = await findEngagements(access, query);
  return records.map((record) => ({ id: record.id, fileIds: fileIdsIn(propertyOf(record, ATTACHMENTS)) }));
}

export function fileIdsIn(attachments: string | null): string[] {
  return (attachments ?? '').split(';').filter((id) => id !== '');
}

export async function createRosterNote(
  access: Access,
  { roster, fileIds }: { readonly roster: RosterFile; readonly fileIds: readonly string[] },
  signal?: AbortSignal,
): Promise<string> {
  return createEngagement(access, {
    type: 'notes',
    dealId: roster.dealId,
    key: referenceKey(roster.fileName),
    html: roster.noteHtml,
    properties: { [ATTACHMENTS]: fileIds.join(';') },
    signal,
  });
}

/** Gives the note these files and, with `roster`, its text: unless a person has changed that. */
export async function updateRosterNote(
  { connection }: Access,
  { note, fileIds, roster }: { note: RosterNote; fileIds: readonly string[]; roster?: RosterFile },
  signal?: AbortSignal,
): Promise<void> {
  const attachments = { [ATTACHMENTS]: fileIds.join(';') };
  const isText = roster !== undefined && (await isBodyOfApp(connection, note.id, signal));
  const body = isText
    ? { [BODY_PROPERTY.notes]: withReference(roster.noteHtml, referenceKey(roster.fileName)) }
    : {};
  await connection.call(
    { name: `update note ${note.id}`, effect: 'overwrite', answer: recordSchema, signal },
    (client) =>
      client.crm.objects.notes.basicApi.update(note.id, { properties: { ...attachments, ...body } }),
  );
}

export async function deleteNote(
  connection: Connection,
  noteId: string,
  signal?: AbortSignal,
): Promise<void> {
  const call = { name: `delete note ${noteId}`, effect: 'overwrite', answer: z.unknown(), signal } as const;
  await connection
    .call(call, (client) => client.crm.objects.notes.basicApi.archive(noteId))
    .catch(unlessMissing(null));
}

const historySchema = z.object({
  propertiesWithHistory: z
    .record(z.string(), z.array(z.object({ timestamp: z.coerce.date(), sourceType: z.string().nullish() })))
    .nullish(),
});

/** By the history of the text. Where HubSpot keeps none the text is left alone. */
async function isBodyOfApp(connection: Connection, noteId: string, signal?: AbortSignal): Promise<boolean> {
  const { propertiesWithHistory } = await connection.call(
    { name: `read history of note ${noteId}`, effect: 'read', answer: historySchema, signal },
    (client) => client.crm.objects.notes.basicApi.getById(noteId, [], [BODY_PROPERTY.notes]),
  );
  const entries = [...(propertiesWithHistory?.[BODY_PROPERTY.notes] ?? [])];
  const [latest] = entries.sort((a, b) => +b.timestamp - +a.timestamp);
  return latest?.sourceType === 'INTEGRATION';
}

function referenceKey(fileName: string): string {
  return `roster ${fileName}`;
}
