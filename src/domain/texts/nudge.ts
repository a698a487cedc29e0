import { countOf, numberOf } from '../words.ts';
import { dayInWords } from './days.ts';
import { sentence } from './sentences.ts';
import type { TaskText } from './tasks.ts';

/** Of the message to the buyer. */
export type BuyerNudge =
  /** The rule has none. */
  | { readonly is: 'none' }
  /** `impossible`: the e-mail tool sends no text of Dealseat. */
  | { readonly is: 'sent' | 'impossible'; readonly via: string }
  | { readonly is: 'refused' | 'in_doubt'; readonly via: string; readonly why: string };

export interface NudgedSeats {
  readonly title: string;
  readonly sold: number;
  readonly used: number;
}

/** The owner of a delivered deal reads that seats of it are not in use, and whether the buyer was reminded. */
export function nudgeTask({
  dealName,
  products,
  endsOn,
  buyer,
}: {
  readonly dealName: string;
  readonly products: readonly NudgedSeats[];
  /** Day on which the first of the unused seats end, `YYYY-MM-DD`; null: never. */
  readonly endsOn: string | null;
  readonly buyer: BuyerNudge;
}): TaskText {
  const sold = products.reduce((sum, product) => sum + product.sold, 0);
  const unused = sold - products.reduce((sum, product) => sum + product.used, 0);
  return {
    subject: `Dealseat: ${numberOf(unused)} of ${countOf(sold, 'seat')} ${unused === 1 ? 'is' : 'are'} not in use yet`,
    text: [
      dealName,
      ...products.map(
        (product) => `- ${product.title}: ${numberOf(product.used)} of ${numberOf(product.sold)} in use`,
      ),
      ...(endsOn === null ? [] : [`Seats that are not in use by ${dayInWords(endsOn)} are lost.`]),
      ...buyerLines(buyer),
    ].join('\n'),
  };
}

function buyerLines(buyer: BuyerNudge): string[] {
  switch (buyer.is) {
    case 'sent':
      return ['The buyer got a mail that says so.'];
    case 'none':
      return ['Please ask the buyer whether the learners need help to begin.'];
    case 'impossible':
      return ['The e-mail tool of this deal cannot remind the buyer. Please do so yourself.'];
    case 'refused':
      return [
        'Dealseat could not write to the buyer. Please remind the buyer yourself.',
        sentence(`The reason: ${buyer.why}`),
      ];
    case 'in_doubt':
      return [
        'Dealseat wrote to the buyer, and it is not known whether the mail went out. Please ask the buyer. Dealseat does not send it again.',
        sentence(`The reason: ${buyer.why}`),
      ];
  }
}
