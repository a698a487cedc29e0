import type { Crm } from '../src/clients/crm.ts';
import type { Contact, Deal } from '../src/domain/deal/deal.ts';

/** The mail of an ordinary deal goes out within seconds after it was planned. */
const RECENT_MS = 10_000;
const MAX_KNOWN = 1_000;

interface Seen {
  readonly contact: Contact;
  readonly at: number;
}

/** Of this process, by client: history holds no addresses. */
const seen = new WeakMap<Crm, Map<string, Seen>>();

export function rememberContacts(crm: Crm, { contacts }: Deal): void {
  const known = seen.get(crm) ?? new Map<string, Seen>();
  if (known.size > MAX_KNOWN) known.clear();
  for (const contact of contacts) known.set(contact.id, { contact, at: performance.now() });
  seen.set(crm, known);
}

/** As a reading of a deal has shown it a moment ago; else as it is. */
export async function recentContact(crm: Crm, contactId: string, signal?: AbortSignal): Promise<Contact> {
  const known = seen.get(crm)?.get(contactId);
  if (known !== undefined && performance.now() - known.at < RECENT_MS) return known.contact;
  return crm.readContact(contactId, signal);
}

/** For its name alone, which need not be the latest one. */
export async function knownContact(crm: Crm, contactId: string, signal?: AbortSignal): Promise<Contact> {
  const known = seen.get(crm)?.get(contactId);
  return known?.contact ?? (await crm.readContact(contactId, signal));
}
