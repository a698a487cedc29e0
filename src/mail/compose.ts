import type { MailKind, MailPolicy } from '../domain/deal/mail-policy.ts';
import type { Plan, PlannedGroup, PlannedMessage } from '../domain/planning/plan.ts';
import { mailKindOf } from '../domain/seats/reader-seats.ts';
import { redeemPage } from '../domain/seats/redeem-link.ts';
import { workbookName } from '../domain/seats/roster.ts';
import { chooseLanguage, localeOf } from './languages.ts';
import { contextOf, type MailContext, type MailProduct } from './mail-context.ts';
import { dayInWords, wordsOf } from './mail-words.ts';
import { type RenderedMail, renderMail } from './render.ts';

type MailGroup = Pick<
  PlannedGroup,
  'productKey' | 'title' | 'accessDays' | 'accessEndsOn' | 'codesExpireOn' | 'redeemUrl'
>;

/** What one reader is written about. */
export interface MailFacts {
  readonly kind: MailKind;
  readonly dealName: string;
  readonly companyName: string | null;
  /** Public name of the customer that the catalog has; absent: the company's. */
  readonly displayName?: string | undefined;
  readonly recipient: {
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly language?: string | null;
  };
  /** Those of the reader alone. */
  readonly seats: readonly {
    readonly group: MailGroup;
    readonly seatCount: number;
    /** Of a nudge: how many of them are in use. */
    readonly usedCount?: number;
  }[];
  /** How many of them an earlier mail did not have; 0: this is the first one. */
  readonly newSeats: number;
  /** How many links the message carries; 0: one link to the roster. */
  readonly links: number;
  /** Its name; with `hasWorkbook` there is a workbook beside it. */
  readonly rosterFile: string;
  readonly hasWorkbook?: boolean;
  /** Of a nudge: the day of the delivery, `YYYY-MM-DD`, and whether the codes went to learners. */
  readonly delivery?: { readonly day: string; readonly toLearners: boolean };
}

/** What the plan says of a message, beside its reader. */
export function factsOf(
  plan: Pick<
    Plan,
    'dealName' | 'companyName' | 'displayName' | 'mailTool' | 'audience' | 'isAmendment' | 'addedSeats'
  >,
  message: Pick<PlannedMessage, 'audience'>,
  own: Pick<MailFacts, 'recipient' | 'seats' | 'rosterFile' | 'hasWorkbook'>,
): Omit<MailFacts, 'links'> {
  const { dealName, companyName, displayName, audience, isAmendment, addedSeats } = plan;
  return {
    ...own,
    kind: mailKindOf(plan, message),
    dealName,
    companyName,
    displayName,
    newSeats: audience === 'buyer' && isAmendment ? addedSeats : 0,
  };
}

export interface ComposedMail extends RenderedMail {
  readonly language: string;
  readonly context: MailContext;
}

/** The mail in the reader's language, or in that of the catalog. */
export function composeMail(policy: MailPolicy, facts: MailFacts): ComposedMail {
  const templates = policy.templates[facts.kind];
  const { language: wanted } = facts.recipient;
  const language = chooseLanguage(wanted, Object.keys(templates)) ?? policy.language;
  const template = templates[language];
  if (template === undefined) throw new TypeError(`The catalog has no text in ${language}`);
  const locale = localeOf(wanted, language);
  const context = toContext(policy, facts, { language, locale });
  return { ...renderMail(template, contextOf(facts.kind, context), locale), language, context };
}

interface Wording {
  readonly language: string;
  readonly locale: string;
}

function toContext({ sender, help }: MailPolicy, facts: MailFacts, wording: Wording): MailContext {
  const products = productsOf(facts.seats, wording);
  const seats = products.reduce((sum, product) => sum + product.seats, 0);
  const used = products.reduce((sum, product) => sum + (product.used ?? 0), 0);
  return {
    deal: { name: facts.dealName, company: facts.companyName ?? '' },
    customer: facts.displayName ?? facts.companyName ?? '',
    recipient: {
      first_name: facts.recipient.firstName ?? '',
      last_name: facts.recipient.lastName ?? '',
    },
    seats,
    used_seats: used,
    unused_seats: seats - used,
    delivered_on: dayInWords(facts.delivery?.day ?? null, wording.locale),
    to_learners: facts.delivery?.toLearners ?? false,
    new_seats: facts.newSeats,
    links: facts.links,
    products,
    redeem_pages: [...new Set(products.map(({ redeem_page }) => redeem_page))],
    roster_file: facts.hasWorkbook ? workbookName(facts.rosterFile) : facts.rosterFile,
    roster_csv_file: facts.hasWorkbook ? facts.rosterFile : '',
    sender: sender ?? '',
    help: {
      is_given: help !== null,
      name: help?.name ?? '',
      email: help?.email ?? '',
      phone: help?.phone ?? '',
      url: help?.url ?? '',
    },
  };
}

/** Groups of one product are one line, as long as they are given on the same terms. */
function productsOf(seats: MailFacts['seats'], wording: Wording): MailProduct[] {
  const lines = new Map<string, MailProduct>();
  for (const { group, seatCount, usedCount = 0 } of seats) {
    if (seatCount === 0) continue;
    const line = productOf(group, wording);
    const key = JSON.stringify([group.productKey, line]);
    const { seats: before = 0, used = 0 } = lines.get(key) ?? {};
    lines.set(key, { ...line, seats: before + seatCount, used: used + usedCount });
  }
  return [...lines.values()];
}

function productOf(group: MailGroup, { language, locale }: Wording): MailProduct {
  const until = dayInWords(group.accessEndsOn, locale);
  return {
    title: group.title,
    seats: 0,
    access: wordsOf(language).access({ days: group.accessDays, until, locale }),
    access_days: group.accessDays ?? '',
    access_until: group.accessDays === null ? until : '',
    codes_expire_on: dayInWords(group.codesExpireOn, locale),
    codes_expire_day: group.codesExpireOn ?? '',
    redeem_page: redeemPage(group.redeemUrl),
  };
}

/** What tools that merge properties of their own get. Never holds codes. */
export function propertiesOf({
  context,
  subject,
  html,
  text,
  language,
}: ComposedMail): Record<string, string> {
  const { products } = context;
  const expiryDays = products.map((product) => product.codes_expire_on).filter((day) => day !== '');
  return {
    subject,
    message: html,
    message_text: text,
    language,
    deal_name: context.deal.name,
    customer: context.customer,
    seats: String(context.seats),
    products: [...new Set(products.map(({ title }) => title))].join(', '),
    redeem_page: context.redeem_pages.join(' '),
    codes_expire_on: [...new Set(expiryDays)].join(' / '),
    sender: context.sender,
    help: [context.help.name, context.help.email, context.help.phone, context.help.url]
      .filter((part) => part !== '')
      .join(', '),
  };
}
