import { numberOf } from '../words.ts';
import { contactCalled } from './contacts.ts';
import { dayInWords } from './days.ts';

/** A message that the e-mail tool did not take. */
export function mailRefused(contactId: string): string {
  return `The CRM refused the e-mail with the seats to ${contactCalled(contactId)}.`;
}

/** A message that may be out. `since`: when it was handed over first, as far as the run knows. */
export function mailInDoubt(contactId: string, since: string): string {
  return `Dealseat cannot see whether ${contactCalled(contactId)} got the e-mail with the seats of ${dayInWords(since)}.`;
}

/** Several of them. */
export function mailsInDoubt(count: number, since: string): string {
  return `Dealseat cannot see whether ${numberOf(count)} people got the e-mail with their seats of ${dayInWords(since)}. Where only some are missing, send those by hand.`;
}
