import type { Crm } from '../src/clients/crm.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { contactsIn, personName, withContactNames } from '../src/domain/texts/contacts.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { knownContact } from './recent-contacts.ts';

/** So many names are looked up for one text; what is beyond them stays an id. */
const MAX_NAMES = 10;

/** The text with the names of the contacts that it names by id. A name that the CRM does not tell fails nothing. */
export async function withNames(crm: Crm, text: string): Promise<string> {
  const names = new Map<string, string>();
  for (const id of contactsIn(text).slice(0, MAX_NAMES)) {
    const name = await nameOf(crm, id);
    if (name !== null) names.set(id, name);
  }
  return withContactNames(text, names);
}

async function nameOf(crm: Crm, id: string): Promise<string | null> {
  try {
    return personName(await knownContact(crm, id, cancellationSignal()));
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return null;
  }
}
