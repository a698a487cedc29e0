import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { AttachedRoster, RosterFile } from '../crm.ts';
import type { Connection } from './connection.ts';
import { createEngagement, type EngagementQuery, findEngagements, withReference } from './engagements.ts';
import type { Portal } from './portal.ts';
import { ensureOnce } from './read-back.ts';
import { propertyOf } from './records.ts';

/** Where rosters lie in HubSpot's file tool. Every user with that tool sees the name; only signed URLs open them. */
const FOLDER = '/dealseat/rosters';

/** A large roster on a slow line takes longer than other calls. */
const UPLOAD_TIMEOUT_FACTOR = 4;

interface Deps {
  readonly connection: Connection;
  readonly portal: Portal;
  readonly timeoutMs: number;
}

const fileSchema = z.object({
  id: z.coerce.string().min(1),
  access: z.string().nullish(),
  size: z.number().nullish(),
  fileMd5: z.string().nullish(),
});

type StoredFile = z.infer<typeof fileSchema>;

/**
 * Puts the roster into a private file and a note with that file on the deal; both once. A file of the same name
 * with other bytes (an earlier, different roster of the same closing) is replaced, and the note then moves on.
 */
export async function attachRoster(
  deps: Deps,
  roster: RosterFile,
  signal?: AbortSignal,
): Promise<AttachedRoster> {
  const { connection, portal } = deps;
  const fileId = await ensureFile(deps, roster, signal);
  const query = noteQuery(roster, signal);
  const body = { reference: query.reference, html: roster.noteHtml };
  const note = await ensureOnce({
    find: async () => {
      const [found] = await findEngagements(connection, query);
      return found ? { id: found.id, fileIds: attachmentIds(propertyOf(found, 'hs_attachment_ids')) } : null;
    },
    create: async () => {
      const id = await createEngagement(connection, {
        ...query,
        ...body,
        properties: { hs_attachment_ids: fileId },
      });
      return { id, fileIds: [fileId] };
    },
  });
  if (!note.fileIds.includes(fileId)) {
    const properties = {
      hs_attachment_ids: fileId,
      hs_note_body: withReference(body.html, body.reference),
    };
    await connection.call(
      { name: `update note ${note.id}`, effect: 'overwrite', answer: z.unknown(), signal },
      (client) => client.crm.objects.notes.basicApi.update(note.id, { properties }),
    );
  }
  return { fileId, url: portal.fileUrl(fileId) };
}

/** Removes the notes and the file; what is not there is removed already. */
export async function removeRoster(
  { connection }: Deps,
  roster: Pick<RosterFile, 'dealId' | 'fileName'>,
  signal?: AbortSignal,
): Promise<void> {
  const notes = await findEngagements(connection, noteQuery(roster, signal)).catch(unlessMissing([]));
  const stored = await findFile(connection, roster.fileName, signal);
  const attached = notes.flatMap((note) => attachmentIds(propertyOf(note, 'hs_attachment_ids')));
  // The file goes first: without the codes a note left behind is harmless, the other way round is not.
  for (const fileId of new Set([...attached, ...(stored ? [stored.id] : [])])) {
    await connection
      .call({ name: `delete file ${fileId}`, effect: 'overwrite', answer: z.unknown(), signal }, (client) =>
        client.files.filesApi.archive(fileId),
      )
      .catch(unlessMissing(null));
  }
  for (const { id } of notes) {
    await connection
      .call({ name: `delete note ${id}`, effect: 'overwrite', answer: z.unknown(), signal }, (client) =>
        client.crm.objects.notes.basicApi.archive(id),
      )
      .catch(unlessMissing(null));
  }
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

async function ensureFile(deps: Deps, roster: RosterFile, signal?: AbortSignal): Promise<string> {
  const find = async () => {
    const stored = await findFile(deps.connection, roster.fileName, signal);
    return stored && holds(stored, roster.csv) ? stored : null;
  };
  const file = await ensureOnce({ find, create: () => upload(deps, roster, signal) });
  return file.id;
}

/** HubSpot's file of this name in our folder, or null. */
async function findFile(
  connection: Connection,
  fileName: string,
  signal?: AbortSignal,
): Promise<StoredFile | null> {
  const { file } = await connection
    .call(
      {
        name: `look for file ${fileName}`,
        effect: 'read',
        answer: z.object({ file: fileSchema.nullish() }),
        signal,
      },
      (client) => client.files.filesApi.getMetadata(`${FOLDER}/${fileName}`),
    )
    .catch(unlessMissing({ file: null }));
  return file ?? null;
}

/** By checksum where HubSpot gives one, else by size. */
function holds(stored: StoredFile, csv: Uint8Array): boolean {
  if (stored.fileMd5) return stored.fileMd5.toLowerCase() === createHash('md5').update(csv).digest('hex');
  return stored.size === csv.byteLength;
}

async function upload(deps: Deps, roster: RosterFile, signal?: AbortSignal): Promise<StoredFile> {
  const { connection, timeoutMs } = deps;
  const { fileName } = roster;
  const data = Buffer.from(roster.csv.buffer, roster.csv.byteOffset, roster.csv.byteLength);
  const options = JSON.stringify({
    access: 'PRIVATE',
    // The name belongs to this deal and closing alone, so what lies there with other bytes is out of date.
    overwrite: true,
    duplicateValidationStrategy: 'NONE',
    duplicateValidationScope: 'EXACT_FOLDER',
  });
  const stored = await connection.call(
    {
      name: `upload file ${fileName}`,
      effect: 'create',
      carriesSecrets: true,
      answer: fileSchema,
      timeoutMs: timeoutMs * UPLOAD_TIMEOUT_FACTOR,
      signal,
    },
    (client) =>
      client.files.filesApi.upload({ data, name: fileName }, undefined, FOLDER, fileName, undefined, options),
  );
  if (stored.access && stored.access !== 'PRIVATE') {
    throw new DealseatError({
      code: 'crm.invalid_request',
      message: `HubSpot: upload file ${fileName}: the file came out ${stored.access}, not PRIVATE. Delete it in HubSpot and check the settings of the file tool.`,
    });
  }
  return stored;
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

function attachmentIds(joined: string | null): string[] {
  return (joined ?? '').split(';').filter((id) => id !== '');
}

/** For `catch`: what is not there counts as `value`. */
function unlessMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    const isMissing =
      error instanceof DealseatError &&
      (error.code === 'crm.not_found' || error.code === 'crm.deal_not_found');
    if (isMissing) return value;
    throw error;
  };
}
