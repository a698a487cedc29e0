import type { Contact } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { normalizeIdOf } from './ids.ts';
import { contactRecord } from './records.ts';
import { soqlString } from './soql.ts';

export async function readContact(
  connection: Connection,
  contactId: string,
  signal?: AbortSignal,
): Promise<Contact> {
  const id = requireContactId(contactId);
  const call: SalesforceCall = { name: `read contact ${id}`, effect: 'read', object: 'Contact' };
  const soql = `SELECT Id, Email, FirstName, LastName FROM Contact WHERE Id = ${soqlString(id)}`;
  const [contact] = await connection.query(soql, contactRecord, call, signal);
  if (contact === undefined) throw noSuchContact(id, 'no contact has this id, or sharing hides it');
  return contact;
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
