import { Liquid, type Template } from 'liquidjs';
import type { MailTemplate } from '../domain/deal/catalog.ts';

/** What a mail template may name. Everything is HTML-escaped when it is put in. */
export interface MailContext {
  readonly deal: { readonly name: string; readonly company: string };
  readonly recipient: { readonly first_name: string; readonly last_name: string };
  readonly seats: number;
  readonly products: readonly {
    readonly title: string;
    readonly seats: number;
    readonly access: string;
    /** `YYYY-MM-DD`, or empty when the codes never expire. */
    readonly codes_expire_on: string;
    readonly redeem_page: string;
  }[];
  /** The recipient's own links; empty when the roster file carries them. */
  readonly redeem_links: readonly string[];
  readonly roster_file: string;
}

export const DEFAULT_MAIL: MailTemplate = {
  subject:
    '{{ deal.name }}: your {{ seats }} learning {% if seats == 1 %}seat is{% else %}seats are{% endif %} ready',
  body: `<p>Hello {{ recipient.first_name | default: "there" }},</p>
<p>thank you for your order. <strong>{{ seats }} {% if seats == 1 %}seat is{% else %}seats are{% endif %} ready</strong> for {{ deal.company }}:</p>
<ul>
{% for product in products %}<li>{{ product.title }}: {{ product.seats }} {% if product.seats == 1 %}seat{% else %}seats{% endif %}{% if product.access != "" %}, access {{ product.access }}{% endif %}{% if product.codes_expire_on != "" %}; redeem the codes by {{ product.codes_expire_on }}{% endif %}</li>
{% endfor %}</ul>
<p><strong>How to hand them out.</strong> The roster <em>{{ roster_file }}</em> has one row for each seat. Give every learner one row, and each row to one learner only: a code works once. The link in the row opens the redemption page with the code already filled in.</p>
<p><strong>Typing a code by hand.</strong> Learners can also enter their code at {% for product in products %}{% unless seen contains product.redeem_page %}<a href="{{ product.redeem_page }}">{{ product.redeem_page }}</a> {% endunless %}{% assign seen = seen | append: product.redeem_page | append: " " %}{% endfor %}.</p>
<p><strong>An account is needed.</strong> A learner who has none registers on that page before the code is applied; the others sign in.</p>
<p>Keep the roster safe: whoever has a code can use the seat.</p>`,
};

const engine = new Liquid({
  outputEscape: 'escape',
  strictFilters: true,
  // A template is checked when the catalog is read, so an unknown name must show then, not in a customer's mail.
  strictVariables: false,
  ownPropertyOnly: true,
  parseLimit: 100_000,
  renderLimit: 2_000,
  memoryLimit: 10_000_000,
  // Templates in memory, of which there are none: otherwise these tags would read the files of this machine.
  templates: {},
});

for (const tag of ['include', 'render', 'layout']) {
  engine.registerTag(tag, {
    parse: () => {
      throw new Error(`the tag "${tag}" is not available, because a template may read no other file`);
    },
    render: () => '',
  });
}

interface Parsed {
  readonly subject: Template[];
  readonly body: Template[];
}

/** A catalog has few templates, and each renders many mails. */
const parsed = new WeakMap<MailTemplate, Parsed>();

function parse(template: MailTemplate): Parsed {
  const known = parsed.get(template);
  if (known !== undefined) return known;
  const found = { subject: engine.parse(template.subject), body: engine.parse(template.body) };
  parsed.set(template, found);
  return found;
}

/** Throws when a template cannot be parsed; the message says where. */
export function checkMailTemplate(template: MailTemplate): void {
  parse(template);
}

/** Subject as plain text on one line, body as HTML. */
export function renderMail(template: MailTemplate, context: MailContext): { subject: string; html: string } {
  const { subject, body } = parse(template);
  return {
    subject: toOneLine(unescapeHtml(String(engine.renderSync(subject, context)))),
    html: String(engine.renderSync(body, context)),
  };
}

/** Salesforce takes no longer one. */
const MAX_SUBJECT = 255;

const characters = new Intl.Segmenter();

/** Nothing that ends a header line, reverses the direction of what follows, or is cut in the middle of a character. */
function toOneLine(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .toWellFormed();
  return [...characters.segment(line.slice(0, 10 * MAX_SUBJECT))].reduce(
    (cut, { segment }) => (cut.length + segment.length > MAX_SUBJECT ? cut : cut + segment),
    '',
  );
}

/** The engine escapes for HTML; a subject line is not HTML. */
function unescapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&amp;': '&',
    '&lt;': '<',
    '&gt;': '>',
    '&#34;': '"',
    '&#39;': "'",
  };
  return text.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => entities[entity] ?? entity);
}
