import { z } from 'zod';
import type { DealReading } from '../../domain/deal/catalog.ts';
import type { Contact } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { normalizeIdOf } from './ids.ts';
import { chunks, contactFields, contactRecord, text } from './records.ts';
import { soqlList, soqlString } from './soql.ts';

export async function readContact(
  { connection, reading }: { readonly connection: Connection; readonly reading: DealReading },
  contactId: string,
  signal?: AbortSignal,
): Promise<Contact> {
  const id = requireContactId(contactId);
  const call: SalesforceCall = { name: `read contact ${id}`, effect: 'read', object: 'Contact' };
  const soql = `SELECT ${contactFields(reading)} FROM Contact WHERE Id = ${soqlString(id)}`;
  const [contact] = await connection.query(soql, contactRecord, call, signal);
  if (contact !== undefined) return contact;
  const survivor = (await readMergedContacts(connection, [id], signal)).get(id);
  if (survivor === undefined) throw noSuchContact(id, 'no contact has this id, or sharing hides it');
  return readContact({ connection, reading }, survivor, signal);
}

const mergedRow = z.object({ Id: z.string(), MasterRecordId: text });

/** Keeps the address of a query well under the 16,384 bytes that Salesforce takes. */
export const IDS_A_QUERY = 400;

/**
 * A contact that was merged lies in the recycle bin for some time and names the one it was merged into, which may have
 * been merged since. The survivor itself does not tell of it.
 */
export async function readMergedContacts(
  connection: Connection,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const masters = new Map<string, string>();
  const ids = new Map(contactIds.map((id) => [normalizeIdOf('Contact', id), id]));
  let asked = [...ids.keys()].filter((id) => id !== null);
  while (asked.length > 0) {
    const found: string[] = [];
    for (const { Id, MasterRecordId } of await readRecycleBin(connection, asked, signal)) {
      if (MasterRecordId === null || masters.has(Id)) continue;
      masters.set(Id, MasterRecordId);
      found.push(MasterRecordId);
    }
    asked = [...new Set(found)].filter((id) => !masters.has(id));
  }
  const survivors = [...ids].flatMap(([id, askedAs]) => {
    const survivor = id === null ? null : lastOf(id, masters);
    return survivor === null ? [] : [[askedAs, survivor] as const];
  });
  return new Map(survivors);
}

/** Those that lie in the recycle bin; one that is gone from there, too, cannot be told from a hidden one. */
export async function readDeletedContacts(
  connection: Connection,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  return new Set((await readRecycleBin(connection, contactIds, signal)).map(({ Id }) => Id));
}

async function readRecycleBin(
  connection: Connection,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<z.infer<typeof mergedRow>[]> {
  const call: SalesforceCall = { name: 'read deleted contacts', effect: 'read', object: 'Contact' };
  const rows: z.infer<typeof mergedRow>[] = [];
  for (const some of chunks(contactIds, IDS_A_QUERY)) {
    const soql = `SELECT Id, MasterRecordId FROM Contact WHERE Id IN ${soqlList(some)} AND IsDeleted = true`;
    rows.push(...(await connection.queryAll(soql, mergedRow, call, signal)));
  }
  return rows;
}

/** Null: it was not merged. */
function lastOf(id: string, masters: ReadonlyMap<string, string>): string | null {
  const seen = new Set([id]);
  let last = id;
  for (let next = masters.get(last); next !== undefined && !seen.has(next); next = masters.get(last)) {
    seen.add(next);
    last = next;
  }
  return last === id ? null : last;
}

/** The 18-character id of a contact. Throws `crm.not_found` for what cannot be one. */
export function requireContactId(contactId: string): string {
  const id = normalizeIdOf('Contact', contactId);
  if (id === null) {
    throw noSuchContact(contactId.slice(0, 40), 'a contact id has 15 or 18 characters and starts with 003');
  }
  return id;
}

function noSuchContact(id: string, why: string): DealseatError {
  return new DealseatError({
    code: 'crm.not_found',
    message: `Salesforce: read contact ${JSON.stringify(id)}: ${why}`,
  });
}
