import type { MailKind } from '../domain/deal/mail-policy.ts';

/** What a mail template may name. Everything is HTML-escaped when it is put in. */
export interface MailContext {
  /** As the CRM has it, for templates of the catalog: a deal's name is for the people who sell. */
  readonly deal: { readonly name: string; readonly company: string };
  /** Public name of who bought; may be empty. */
  readonly customer: string;
  readonly recipient: { readonly first_name: string; readonly last_name: string };
  /** Seats of this reader; the products add up to them. */
  readonly seats: number;
  /** Of a buyer's seats, how many an earlier mail did not have. */
  readonly new_seats: number;
  /** How many links this message carries; 0: one link to the list. */
  readonly links: number;
  readonly products: readonly MailProduct[];
  /** `nudge`: of the seats, how many are in use, and how many are not. */
  readonly used_seats: number;
  readonly unused_seats: number;
  /** `nudge`: the day of the delivery, in the reader's language. */
  readonly delivered_on: string;
  /** `nudge`: the codes went to learners, and not to the buyer. */
  readonly to_learners: boolean;
  /** Each page of the products once. */
  readonly redeem_pages: readonly string[];
  /** The one that people open. */
  readonly roster_file: string;
  /** The same seats for programs; empty: there is one file alone. */
  readonly roster_csv_file: string;
  readonly sender: string;
  readonly help: {
    readonly is_given: boolean;
    readonly name: string;
    readonly email: string;
    readonly phone: string;
    readonly url: string;
  };
}

export interface MailProduct {
  readonly title: string;
  readonly seats: number;
  /** `nudge`: how many of them are in use. */
  readonly used?: number;
  /** In the reader's language, or empty. */
  readonly access: string;
  /** Days, or empty. */
  readonly access_days: number | '';
  /** In the reader's language, or empty: access has no day on which it ends. */
  readonly access_until: string;
  /** In the reader's language, or empty: the codes never expire. */
  readonly codes_expire_on: string;
  /** The same as `YYYY-MM-DD`. */
  readonly codes_expire_day: string;
  readonly redeem_page: string;
}

const OF_NUDGES = ['used_seats', 'unused_seats', 'delivered_on', 'to_learners'] as const;

/** Names that say nothing to the readers of a kind. */
const NOT_FOR: Readonly<Record<MailKind, readonly (keyof MailContext)[]>> = {
  buyerFile: ['links', ...OF_NUDGES],
  buyerLinks: OF_NUDGES,
  learner: ['new_seats', 'roster_file', 'roster_csv_file', ...OF_NUDGES],
  nudge: ['new_seats', 'links', 'roster_file', 'roster_csv_file'],
};

/** What a mail of that kind can say: the context without the rest. */
export function contextOf(kind: MailKind, context: MailContext): Partial<MailContext> {
  const products =
    kind === 'nudge' ? context.products : context.products.map(({ used: _, ...product }) => product);
  return Object.fromEntries(
    Object.entries({ ...context, products }).filter(
      ([name]) => !NOT_FOR[kind].some((other) => other === name),
    ),
  );
}
