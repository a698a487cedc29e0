import { DealseatError } from '../../domain/failure.ts';
import type { StoredRoster } from '../crm.ts';
import { httpRequest, TransportError } from '../http.ts';
import type { Access } from './access.ts';
import type { Connection } from './connection.ts';
import { associationsOfDeal, propertyOf, readRecords } from './records.ts';
import { fileIdsIn } from './roster-note.ts';
import { findFilesEndingIn, signRosterUrl } from './stored-files.ts';

const ATTACHMENTS = 'hs_attachment_ids';
/** Long enough to start the download, short enough to be worth nothing afterwards. */
const LINK_SECONDS = 60;
/** A roster of a hundred thousand codes has a tenth of this. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The rosters with this token in our folder, and whether a note of the deal, whoever made it, shows them. */
export async function readRosters(
  access: Access,
  { dealId, rosterToken }: { readonly dealId: string; readonly rosterToken: string },
  signal?: AbortSignal,
): Promise<StoredRoster[]> {
  const { connection } = access;
  const [attached, files] = await Promise.all([
    attachmentsOf(connection, dealId, signal),
    findFilesEndingIn(connection, `-${rosterToken}`, signal),
  ]);
  const rosters: StoredRoster[] = [];
  for (const { id, fileName } of files) {
    const csv = await download(access, id, signal);
    rosters.push({ fileName, csv, isShown: attached.has(id) });
  }
  return rosters;
}

async function attachmentsOf(
  connection: Connection,
  dealId: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const notes = await associationsOfDeal(connection, dealId, 'notes', signal);
  const records = await readRecords(connection, {
    type: 'notes',
    ids: notes.map(({ toId }) => toId),
    properties: [ATTACHMENTS],
    signal,
  });
  return new Set(records.flatMap((record) => fileIdsIn(propertyOf(record, ATTACHMENTS))));
}

/** A private file opens only by a signed link, which leads to another host than the API's. */
async function download(
  { connection, timeoutMs }: Access,
  fileId: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { url } = await signRosterUrl(connection, fileId, { validForSeconds: LINK_SECONDS, signal });
  const what = `HubSpot: download file ${fileId}`;
  try {
    const { status, body } = await httpRequest({
      method: 'GET',
      url,
      timeoutMs,
      maxBytes: MAX_FILE_BYTES,
      signal,
    });
    if (status === 200) return body;
    throw new DealseatError({
      code: 'crm.bad_response',
      message: `${what}: its signed link answered ${status}`,
    });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new DealseatError({ code: 'crm.unavailable', message: `${what}: ${error.message}`, cause: error });
  }
}
