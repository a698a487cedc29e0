import type { Contact, DealContact } from '../../domain/deal/deal.ts';
import type { Connection } from './connection.ts';
import { instantIn } from './instants.ts';
import {
  type Association,
  associationsOfDeal,
  type HubSpotRecord,
  propertyOf,
  readAllRecords,
  recordSchema,
} from './records.ts';

const CONTACT_PROPERTIES = ['email', 'firstname', 'lastname'];

export async function readDealContacts(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealContact[]> {
  const associations = await associationsOfDeal(connection, dealId, 'contacts', signal);
  const records = await readAllRecords(connection, {
    type: 'contacts',
    ids: associations.map(({ toId }) => toId),
    properties: [...CONTACT_PROPERTIES, 'createdate'],
    signal,
  });
  const roles = new Map(associations.map((association) => [association.toId, labelsOf(association)]));
  return records.map((record) => ({
    ...toContact(record),
    roles: roles.get(record.id) ?? [],
    isPrimary: false,
    // Its last change tells nothing: a win changes every contact of the deal, and so does each page that one visits.
    writtenAt: instantIn(propertyOf(record, 'createdate')),
  }));
}

/** The labels that people of this portal made and gave; HubSpot's own kinds of association are no roles. */
function labelsOf({ types }: Association): string[] {
  return types.flatMap(({ category, label }) => (category === 'USER_DEFINED' && label !== null ? label : []));
}

export async function readContact(
  connection: Connection,
  contactId: string,
  signal?: AbortSignal,
): Promise<Contact> {
  const record = await connection.call(
    { name: `read contact ${contactId}`, effect: 'read', answer: recordSchema, signal },
    (client) => client.crm.contacts.basicApi.getById(contactId, CONTACT_PROPERTIES),
  );
  return toContact(record);
}

function toContact(record: HubSpotRecord): Contact {
  return {
    id: record.id,
    email: propertyOf(record, 'email'),
    firstName: propertyOf(record, 'firstname'),
    lastName: propertyOf(record, 'lastname'),
  };
}
