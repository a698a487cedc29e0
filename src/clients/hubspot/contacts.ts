import type { Contact, DealContact, UnseenContact } from '../../domain/deal/deal.ts';
import type { Connection } from './connection.ts';
import { instantIn } from './instants.ts';
import {
  type Association,
  associationsOfDeal,
  findRecords,
  formerIdsOf,
  type HubSpotRecord,
  MERGED_IDS,
  propertyOf,
  recordSchema,
} from './records.ts';

/** "Preferred language" in HubSpot. */
const LANGUAGE = 'hs_language';

export const CONTACT_PROPERTIES = ['email', 'firstname', 'lastname', LANGUAGE];

export interface DealContacts {
  readonly contacts: readonly DealContact[];
  readonly unseenContacts: readonly UnseenContact[];
  /** How many contacts the deal names, merged ones and all. */
  readonly associated: number;
}

export async function readDealContacts(
  connection: Connection,
  dealId: string,
  signal?: AbortSignal,
): Promise<DealContacts> {
  const associations = await associationsOfDeal(connection, dealId, 'contacts', signal);
  const { found, unseen } = await findRecords(connection, {
    type: 'contacts',
    ids: associations.map(({ toId }) => toId),
    properties: [...CONTACT_PROPERTIES, MERGED_IDS, 'createdate'],
    signal,
  });
  const contacts = new Map<string, DealContact>();
  const unseenContacts: UnseenContact[] = [];
  for (const association of associations) {
    const { toId: id } = association;
    const roles = labelsOf(association);
    const record = found.get(id);
    if (record === undefined) {
      unseenContacts.push({ id, why: unseen.get(id) ?? 'hidden', roles, isPrimary: false });
      continue;
    }
    // The deal may name both a contact and one that was merged into it.
    const known = contacts.get(record.id);
    const formerIds = [...(known?.formerIds ?? []), ...formerIdsOf(record, id)];
    contacts.set(record.id, {
      ...toContact(record),
      roles: [...new Set([...(known?.roles ?? []), ...roles])],
      isPrimary: false,
      formerIds: [...new Set(formerIds)],
      // Its last change tells nothing: a win changes every contact of the deal, and so does each page that one visits.
      writtenAt: instantIn(propertyOf(record, 'createdate')),
    });
  }
  return { contacts: [...contacts.values()], unseenContacts, associated: associations.length };
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

export function toContact(record: HubSpotRecord): Contact {
  return {
    id: record.id,
    email: propertyOf(record, 'email'),
    firstName: propertyOf(record, 'firstname'),
    lastName: propertyOf(record, 'lastname'),
    language: propertyOf(record, LANGUAGE),
  };
}
