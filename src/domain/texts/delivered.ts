import type { Ledger } from '../deal/ledger.ts';
import { activeSeats } from '../deal/ledger.ts';
import { countOf, numberOf } from '../words.ts';
import { contactCalled } from './contacts.ts';
import { dayInWords, momentInWords } from './days.ts';
import { listed } from './sentences.ts';

/** A product with its seats, as it was handed over. */
export interface DeliveredSeats {
  readonly title: string;
  readonly seatCount: number;
  /** Last day on which its codes work, `YYYY-MM-DD`; null: for good. */
  readonly codesExpireOn: string | null;
}

/** What is known only while a delivery is at hand. */
export interface DeliveryAtHand {
  readonly companyName: string | null;
  readonly products: readonly DeliveredSeats[];
  /** What is new in an amendment, such as `2 of them new`; null: nothing, or all of it. */
  readonly news: string | null;
}

/**
 * To whom the seats were delivered, when, which ones, and until when they can be used. Made from what the ledger keeps, so
 * that it says the same whenever it is written.
 */
export function deliveredText(ledger: Ledger, atHand: DeliveryAtHand | null = null): string {
  const { roster } = ledger;
  return [
    `${whatAndToWhom(ledger, atHand)}.`,
    ...(atHand === null ? [] : whichOnes(atHand)),
    spareSeats(ledger) ?? '',
    roster === null ? '' : `Roster: file ${roster.file}, with ${countOf(roster.codes, 'code')}.`,
  ]
    .filter((line) => line !== '')
    .join(' ');
}

function whatAndToWhom(ledger: Ledger, atHand: DeliveryAtHand | null): string {
  const { audience, learners = [], handedOver } = ledger;
  const count = activeSeats(ledger);
  const news = atHand?.news ? ` (${atHand.news})` : '';
  const seats = `${countOf(count, 'seat')}${news}${atHand?.companyName ? ` for ${atHand.companyName}` : ''}`;
  if (handedOver === undefined) return `${seats}: delivered`;
  const { at, to, by } = handedOver;
  const when = `on ${momentInWords(at)}`;
  const people =
    audience === 'learners' ? countOf(learners.length, 'learner') : to === null ? null : contactCalled(to);
  if (people === null || by === 'roster')
    return `${seats}: in the roster on this deal since ${momentInWords(at)}`;
  return by === 'sent'
    ? `${seats}: e-mailed to ${people} ${when}`
    : `${seats}: handed to the CRM for sending to ${people} ${when}`;
}

function whichOnes({ products }: DeliveryAtHand): string[] {
  const days = new Set(products.map(({ codesExpireOn }) => codesExpireOn));
  const [only = null] = days;
  if (days.size > 1) {
    const each = products.map(({ title, seatCount, codesExpireOn }) =>
      codesExpireOn === null
        ? `${title} ${numberOf(seatCount)}`
        : `${title} ${numberOf(seatCount)} (use by ${dayInWords(codesExpireOn)})`,
    );
    return [`${listed(each)}.`];
  }
  const until =
    only === null
      ? []
      : [
          `Use ${products.length === 1 && products[0]?.seatCount === 1 ? 'it' : 'them'} by ${dayInWords(only)}.`,
        ];
  return [`${listed(products.map(({ title, seatCount }) => `${title} ${numberOf(seatCount)}`))}.`, ...until];
}

/** Seats that no learner has; null: there are none, or the buyer has all. */
function spareSeats({ audience, roster, isSpareOut, handedOver }: Ledger): string | null {
  if (audience !== 'learners' || !roster?.codes) return null;
  const spare = `${countOf(roster.codes, 'code')} in the roster ${roster.codes === 1 ? 'is' : 'are'}`;
  if (!isSpareOut) return `${spare} kept for learners who come later.`;
  const buyer = handedOver?.to;
  return buyer ? `${spare} spare: they are with the buyer, ${contactCalled(buyer)}.` : `${spare} spare.`;
}
