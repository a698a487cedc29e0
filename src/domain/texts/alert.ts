import { FAILURES, type FailureCode } from '../failure.ts';
import { countOf, numberOf } from '../words.ts';
import { momentInWords } from './days.ts';
import { sentence } from './sentences.ts';

/** What an alert says to those who run Dealseat. */
export interface AlertText {
  readonly subject: string;
  readonly lines: readonly string[];
}

export interface AlertedDeal {
  readonly name: string;
  readonly url: string;
  /** A change of a seat of the deal waits, and not the deal itself. */
  readonly operationId?: string;
}

export function alertText(alert: {
  readonly state: 'raised' | 'repeated' | 'resolved';
  readonly code: FailureCode;
  readonly about: string | null;
  /** Account of a CRM, such as `HubSpot 62515`; null: of none. */
  readonly where: string | null;
  readonly message: string;
  readonly cure: string;
  readonly dealCount: number;
  readonly deals: readonly AlertedDeal[];
  readonly since: string;
}): AlertText {
  const { state, code, about, where, message, cure, dealCount, deals, since } = alert;
  const place = [about, where].filter((part) => part !== null).join(', ');
  const cause = `${FAILURES[code].cause.replace(/\.$/, '')}${place === '' ? '' : ` (${place})`}`;
  if (state === 'resolved') {
    return {
      subject: `Dealseat: resolved: ${cause}`,
      lines: [`Nothing waits for this now (${code}). The first one waited since ${momentInWords(since)}.`],
    };
  }
  const still = state === 'repeated' ? ' still' : '';
  const more = dealCount - deals.length;
  const those = waitersInWords(dealCount, deals);
  return {
    subject: `Dealseat: ${those}${still} ${dealCount === 1 ? 'waits' : 'wait'}: ${cause}`,
    lines: [
      `${sentence(cause)} ${those}${still} ${dealCount === 1 ? 'waits' : 'wait'}, the first since ${momentInWords(since)}.`,
      `Code: ${code}`,
      `Found: ${sentence(message)}`,
      `To fix: ${cure}`,
      'Deals:',
      ...deals.map(({ name, url, operationId }) =>
        [
          `- ${name}`,
          ...(operationId === undefined
            ? []
            : [`a change of a seat, see dealseat seats operation ${operationId}`]),
          ...(url === '' ? [] : [url]),
        ].join(': '),
      ),
      ...(more > 0 ? [`- and ${more} more`] : []),
    ],
  };
}

/** `2 deals`; `1 change of a seat`; where both wait, `3 deals or changes of seats`. */
function waitersInWords(count: number, deals: readonly AlertedDeal[]): string {
  const changes = deals.filter(({ operationId }) => operationId !== undefined).length;
  if (changes === 0) return countOf(count, 'deal');
  if (changes < deals.length) return `${numberOf(count)} deals or changes of seats`;
  return count === 1 ? '1 change of a seat' : `${numberOf(count)} changes of seats`;
}

/** By which people see that alerts reach them. */
export function testAlertText(at: string): AlertText {
  return {
    subject: 'Dealseat: test alert',
    lines: [
      'This is a test. No deal waits, and you have nothing to do.',
      `\`dealseat doctor --test-alert\` sent it on ${momentInWords(at)}.`,
    ],
  };
}
