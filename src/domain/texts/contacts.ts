/**
 * History holds no names of people: texts name a contact by its id, in this form, and the step that writes a text to the CRM
 * puts the name in its place.
 */
export function contactCalled(id: string): string {
  return `contact ${id}`;
}

/** Ids of CRMs have a digit, words after "contact" have none. */
const NAMED = /\b([Cc])ontact ([A-Za-z0-9]*\d[A-Za-z0-9]*)\b/g;

/** The contacts that a text names, each once. */
export function contactsIn(text: string): string[] {
  return [...new Set([...text.matchAll(NAMED)].map(([, , id = '']) => id))];
}

/** A contact without a name stays as it is. */
export function withContactNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(NAMED, (found, _, id: string) => names.get(id) ?? found);
}

/** Forms fill a missing name with the address, which no text shows. Null: there is nothing to show. */
export function personName({
  firstName,
  lastName,
}: {
  readonly firstName: string | null;
  readonly lastName: string | null;
}): string | null {
  const parts = [firstName, lastName].map((part) => (part ?? '').replace(/\s+/g, ' ').trim());
  const name = parts.filter((part) => part !== '' && !part.includes('@')).join(' ');
  return name === '' ? null : name.slice(0, 100);
}
