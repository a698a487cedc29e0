import { DealseatError } from '../../domain/failure.ts';
import type { HandOverRecord } from '../crm.ts';
import { httpRequest, TransportError } from '../http.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES } from './fields.ts';
import { associationsOfDeal, propertyOf, readRecords, recordSchema } from './records.ts';
import { findFilesEndingIn, signRosterUrl } from './stored-files.ts';

interface Deps {
  readonly connection: Connection;
  readonly timeoutMs: number;
}

interface Query {
  readonly dealId: string;
  readonly rosterToken: string;
  readonly signal?: AbortSignal | undefined;
}

const detailProperty = DEAL_PROPERTIES.detail.name;
const ATTACHMENTS = 'hs_attachment_ids';
/** Long enough to start the download, short enough to be worth nothing afterwards. */
const LINK_SECONDS = 60;
/** A roster of a hundred thousand codes has a tenth of this. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** What a hand-over left on the deal: the detail property, and the roster files that notes of the deal carry. */
export async function readHandOver(
  deps: Deps,
  { dealId, rosterToken, signal }: Query,
): Promise<HandOverRecord> {
  const { connection } = deps;
  const [record, attached, files] = await Promise.all([
    connection.call(
      {
        name: `read the hand-over of deal ${dealId}`,
        effect: 'read',
        whenMissing: 'crm.deal_not_found',
        answer: recordSchema,
        signal,
      },
      (client) => client.crm.deals.basicApi.getById(dealId, [detailProperty]),
    ),
    attachmentsOf(connection, dealId, signal),
    findFilesEndingIn(connection, `-${rosterToken}`, signal),
  ]);
  const rosters = [];
  for (const { id, fileName } of files) {
    if (attached.has(id)) rosters.push({ fileName, csv: await download(deps, id, signal) });
  }
  return { detail: propertyOf(record, detailProperty), rosters };
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
  return new Set(records.flatMap((record) => (propertyOf(record, ATTACHMENTS) ?? '').split(';')));
}

/** A private file opens only by a signed link, which leads to another host than the API's. */
async function download(
  { connection, timeoutMs }: Deps,
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
