import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toMailPolicy } from '../../src/config/mail-catalog.ts';
import { MAIL_KINDS, type MailKind, type MailPolicy } from '../../src/domain/deal/mail-policy.ts';
import { composeMail, type MailFacts, propertiesOf } from '../../src/mail/compose.ts';
import { plainTextOf } from '../../src/mail/plain-text.ts';
import { plannedGroup } from './example-deals.ts';

type MailFile = NonNullable<Parameters<typeof toMailPolicy>[0]>;

function policyOf(file: MailFile = {}): MailPolicy {
  const faults: string[] = [];
  const policy = toMailPolicy(file, faults);
  expect(faults).toEqual([]);
  return policy;
}

function faultsOf(file: MailFile): string[] {
  const faults: string[] = [];
  toMailPolicy(file, faults);
  return faults;
}

const LEADERSHIP = plannedGroup({ title: 'Leadership Essentials', codesExpireOn: '2027-11-29' });
const TRACK = plannedGroup({
  title: 'Manager Track',
  productKey: 'sku:track-mgr',
  accessDays: null,
  accessEndsOn: '2027-12-31',
  codesExpireOn: null,
});

const BUYER: MailFacts = {
  kind: 'buyerFile',
  dealName: 'Q4 upsell - discount 40 %',
  companyName: 'Acme Corp',
  recipient: { firstName: 'Dana', lastName: 'Reyes' },
  seats: [
    { group: LEADERSHIP, seatCount: 17 },
    { group: TRACK, seatCount: 8 },
  ],
  newSeats: 0,
  links: 0,
  rosterFile: 'roster-acme-corp-d0123456789abcde.csv',
};

/** One line, as a reader sees it. */
function shownTo(facts: Partial<MailFacts>, policy: MailPolicy = policyOf()): string {
  const { subject, text } = composeMail(policy, { ...BUYER, ...facts });
  return `${subject}\n${text}`.replace(/\s+/g, ' ');
}

const reader = (language: string | null, firstName = 'Dana') => ({ firstName, lastName: null, language });

describe('the three mails', () => {
  test.each([
    ['buyerFile', 'Open the attached roster roster-acme-corp', 'links'],
    ['buyerLinks', 'This message has 25 links, one for each seat.', 'roster'],
    ['learner', 'meant for you alone', 'roster'],
  ] as const)(
    '%s says what its reader does next, and nothing of what the reader does not have',
    (kind, says, not) => {
      const shown = shownTo({ kind, links: kind === 'buyerFile' ? 0 : 25 });
      expect(shown).toContain(says);
      expect(shown).not.toContain(not);
    },
  );

  test('a learner reads of the own seat, never of the order or of other learners', () => {
    const shown = shownTo({ kind: 'learner', seats: [{ group: LEADERSHIP, seatCount: 1 }], links: 1 });
    expect(shown).toMatch(
      /^Leadership Essentials: your learning seat is ready Hello Dana, Acme Corp has a learning seat for you: - Leadership Essentials, access/,
    );
    expect(shown).not.toMatch(/order|each learner|every learner|25|roster/i);
  });

  test('a buyer whose links do not fit reads of one link to the list', () => {
    const shown = shownTo({ kind: 'buyerLinks', links: 0 });
    expect(shown).toContain('one link, which opens the list of your seats');
  });

  test.each(MAIL_KINDS)('numbers of %s add up: the subject has the sum of its products', (kind) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }), (counts) => {
        const seats = counts.map((seatCount, n) => ({
          group: plannedGroup({ title: `P${n}`, productKey: `p${n}` }),
          seatCount,
        }));
        const { context } = composeMail(policyOf(), { ...BUYER, kind, seats });
        expect(context.seats).toBe(counts.reduce((sum, count) => sum + count, 0));
        expect(context.products.reduce((sum, product) => sum + product.seats, 0)).toBe(context.seats);
      }),
    );
  });

  test('parts of one product are one line', () => {
    const seats = [
      { group: LEADERSHIP, seatCount: 10_000 },
      { group: { ...LEADERSHIP, token: 'other', part: 2 }, seatCount: 5_000 },
    ];
    expect(shownTo({ seats })).toContain('- Leadership Essentials: 15,000 seats, access');
    expect(shownTo({ seats, recipient: reader('de') })).toMatch(
      /^Acme Corp: 15\.000 Lernplätze .*: 15\.000 Plätze, Zugang/,
    );
  });

  test('a buyer who had seats before reads how many are new', () => {
    expect(shownTo({ newSeats: 5 })).toContain('25 learning seats are ready for Acme Corp, 5 of them new:');
    expect(shownTo({ newSeats: 5, recipient: reader('de') })).toContain('davon 5 neu');
  });

  test.each(['en', 'de'])('in %s have one seat in the singular', (language) => {
    for (const kind of MAIL_KINDS) {
      const one = {
        kind,
        links: 1,
        seats: [{ group: LEADERSHIP, seatCount: 1 }],
        recipient: reader(language),
      };
      expect(shownTo(one)).not.toMatch(
        /\b1 (learning )?seats|\b1 (Lernplätze|Plätze)|are ready|stehen bereit/,
      );
    }
  });
});

describe('what outsiders may read', () => {
  test('the name of the deal is in none of the mails', () => {
    for (const kind of MAIL_KINDS)
      for (const language of ['en', 'de'])
        for (const companyName of ['Acme Corp', null]) {
          const { subject, html, text } = composeMail(policyOf(), {
            ...BUYER,
            kind,
            companyName,
            recipient: reader(language),
          });
          expect(`${subject} ${html} ${text}`).not.toMatch(/Q4|upsell|discount/);
        }
  });

  test('the public name of the catalog goes before that of the company', () => {
    const { subject } = composeMail(policyOf(), { ...BUYER, displayName: 'Acme Academy' });
    expect(subject).toBe('Acme Academy: your 25 learning seats are ready');
  });

  test('a customer without a name is left out', () => {
    const { subject } = composeMail(policyOf(), { ...BUYER, companyName: null });
    expect(subject).toBe('Your 25 learning seats are ready');
  });

  test('sender and help contact close each mail', () => {
    const help = {
      name: 'Kim Lee',
      email: 'help@vendor.example',
      phone: '+49 30 1234',
      url: 'https://vendor.example/help',
    };
    const policy = policyOf({ sender: 'Bright Learning', help });
    for (const kind of MAIL_KINDS) {
      const shown = shownTo({ kind }, policy);
      expect(shown).toMatch(
        /Questions\? Please ask Kim Lee: help@vendor\.example \+49 30 1234 https:\/\/vendor\.example\/help Kind regards Bright Learning$/,
      );
    }
    expect(shownTo({ recipient: reader('de') }, policy)).toMatch(/Freundliche Grüße Bright Learning$/);
  });
});

describe('the language of the reader', () => {
  test.each([
    [
      'de',
      '17 Plätze, Zugang für 365 Tage ab Einlösung; bitte bis 29. November 2027 einlösen',
      'bis 31. Dezember 2027',
    ],
    ['de-AT', 'bitte bis 29. November 2027 einlösen', 'Hallo Dana,'],
    ['DE_at', 'bitte bis 29. November 2027 einlösen', 'Hallo Dana,'],
    ['en', 'please redeem by November 29, 2027', 'until December 31, 2027'],
    ['en-gb', 'please redeem by 29 November 2027', 'Hello Dana,'],
    ['fr', 'please redeem by November 29, 2027', 'Hello Dana,'],
    [null, 'please redeem by November 29, 2027', 'Hello Dana,'],
    ['x', 'please redeem by November 29, 2027', 'Hello Dana,'],
  ])('of a contact with %j decides on text and dates', (language, ...words) => {
    for (const said of words) expect(shownTo({ recipient: reader(language) })).toContain(said);
  });

  test('is that of the catalog for those whose own is not known', () => {
    const german = policyOf({ language: 'de' });
    expect(shownTo({}, german)).toContain('Hallo Dana,');
    expect(shownTo({ recipient: reader('pt-br') }, german)).toContain('Hallo Dana,');
    expect(shownTo({ recipient: reader('en') }, german)).toContain('Hello Dana,');
  });

  test('may be one that only the catalog has', () => {
    const own = {
      fr: { subject: '{{ seats }} places', html: '<p>{{ products.first.codes_expire_on }}</p>' },
    };
    const policy = policyOf({ templates: { buyerFile: own, buyerLinks: own, learner: own }, language: 'fr' });
    expect(shownTo({ recipient: reader('fr-ca') }, policy)).toBe('25 places 29 novembre 2027');
  });

  test('days never shift, wherever the machine is', () => {
    const day = plannedGroup({ codesExpireOn: '2027-01-01' });
    expect(shownTo({ seats: [{ group: day, seatCount: 1 }] })).toContain('January 1, 2027');
  });

  test('a contact without a first name is greeted all the same', () => {
    expect(shownTo({ recipient: reader('en', '') })).toContain('Hello,');
    expect(shownTo({ recipient: reader('de', '') })).toContain('Guten Tag,');
  });
});

describe('values of the deal', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '{{ seats }}',
      '{% raw %}',
    ),
    fc.string({ unit: 'grapheme' }),
  );
  const policy = policyOf();

  test('never become markup or template code, whatever they hold', () => {
    const tagsOf = (html: string) => html.match(/<[^>]*>/g);
    const plain = tagsOf(composeMail(policy, BUYER).html);
    fc.assert(
      fc.property(hostile, hostile, hostile, (firstName, companyName, title) => {
        fc.pre(firstName !== '' && companyName !== '');
        const seats = [{ group: { ...LEADERSHIP, title }, seatCount: 17 }, ...BUYER.seats.slice(1)];
        const facts = { ...BUYER, recipient: { firstName, lastName: null }, companyName, seats };
        expect(tagsOf(composeMail(policy, facts).html)).toEqual(plain);
      }),
    );
  });

  test('cannot leave an attribute', () => {
    const group = { ...LEADERSHIP, redeemUrl: 'https://x.example/" onclick="x/{code}' };
    const { html } = composeMail(policy, { ...BUYER, seats: [{ group, seatCount: 1 }] });
    expect(html).not.toContain('" onclick');
  });

  test('stand in the subject as they are, on one line', () => {
    const companyName = 'R&D <"rollout">\r\nBcc: everybody@evil.example\u2028x';
    const { subject } = composeMail(policy, { ...BUYER, companyName });
    expect(subject).toBe('R&D <"rollout"> Bcc: everybody@evil.example x: your 25 learning seats are ready');
  });

  test('never break the subject line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (companyName) => {
        expect(composeMail(policy, { ...BUYER, companyName }).subject).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('reach tools that merge properties, without the name of a code', () => {
    expect(propertiesOf(composeMail(policy, BUYER))).toMatchObject({
      customer: 'Acme Corp',
      seats: '25',
      products: 'Leadership Essentials, Manager Track',
      codes_expire_on: 'November 29, 2027',
      language: 'en',
      message: expect.stringContaining('<p>Hello Dana,</p>'),
      message_text: expect.stringMatching(/^Hello Dana,\n\nThank you/),
    });
  });
});

describe('the plain text of a mail', () => {
  test('shows where links lead, lists with hyphens, and characters instead of entities', () => {
    const html = `<p>Hello&nbsp;R&amp;D,<br>a &lt; b</p><ul><li>One</li>
      <li>Two</li></ul><p>See <a href="https://a.example/x?a=1&amp;b=2">the page</a> or <a href="mailto:k@a.example">k@a.example</a>.</p>`;
    expect(plainTextOf(html)).toBe(
      'Hello R&D,\na < b\n\n- One\n- Two\n\nSee the page (https://a.example/x?a=1&b=2) or k@a.example.',
    );
  });

  test('is the template of the catalog where that has one', () => {
    const policy = policyOf({ templates: { buyerFile: { en: { text: 'A & B: {{ customer }}' } } } });
    expect(composeMail(policy, { ...BUYER, companyName: 'R&D' }).text).toBe('A & B: R&D');
  });
});

describe('a template of the catalog', () => {
  const inHtml = (html: string, kind: MailKind = 'buyerFile') =>
    faultsOf({ templates: { [kind]: { en: { html } } } });

  test.each([
    [
      '{{ deal.nme }}',
      'html: line 1: deal.nme is an unknown name, did you mean deal.name? (known: deal.name, deal.company)',
    ],
    [
      '<p>\n</p>\n{{ customr }}',
      'html: line 3: customr is an unknown name, did you mean customer? (known: deal.name, ',
    ],
    [
      '{% for p in products %}{{ p.titel }}{% endfor %}',
      'line 1: p.titel is an unknown name, did you mean p.title?',
    ],
    ['{% if seats == 0 %}{{ never_tried }}{% endif %}', 'line 1: never_tried is an unknown name'],
    ['{{ products.first.expires }}', 'line 1: products.first.expires is an unknown name'],
    ['{{ redeem_links }}', 'line 1: redeem_links is an unknown name'],
    ['{{ help.mail }}', 'did you mean help.email?'],
    ['{{ links }}', 'line 1: links is an unknown name'],
  ])('with %j is refused, with line, name and the names there are', (html, fault) => {
    const [found, ...others] = inHtml(html);
    expect(others).toEqual([]);
    expect(found).toContain('handOver.mail.templates.buyerFile.en.');
    expect(found).toContain(fault);
  });

  test('to a learner cannot name the roster, which no learner has', () => {
    expect(inHtml('{{ roster_file }}', 'learner')).toHaveLength(1);
    expect(inHtml('{{ roster_file }}', 'buyerLinks')).toEqual([]);
  });

  test.each([
    ['an unclosed tag', '{% if seats %}x'],
    ['an unknown filter', '{{ seats | shout }}'],
    ['an unknown tag', '{% launch %}'],
    ['an unclosed output', '{{ seats'],
    ['no end', '{% for i in (1..100000000) %}x{% endfor %}'],
    ['another file', '{% include "package.json" %}'],
  ])('with %s is refused', (_, text) => {
    for (const part of ['subject', 'html', 'text'])
      expect(faultsOf({ templates: { learner: { de: { [part]: text } } } })).toHaveLength(1);
  });

  test.each([
    '{% assign first = products.first %}{{ first.title }} {{ products.size }} {{ products[0].seats }}',
    '{% for p in products %}{{ forloop.index }} {{ p.title }} {{ p.access_days }} {{ p.codes_expire_day }}{% endfor %}',
    '{{ deal.name }} {{ deal.company }} {{ recipient.last_name | default: "there" }} {{ products | map: "title" | join: ", " }}',
    '{% capture x %}{{ customer }}{% endcapture %}{{ x }}{% for page in redeem_pages %}{{ page }}{% endfor %}',
  ])('may say %j', (html) => {
    expect(inHtml(html)).toEqual([]);
  });

  test('cannot reach anything but its values', () => {
    const policy = policyOf();
    const template = { subject: 'x', html: '[{{ deal.constructor.name }}{{ constructor }}]', text: null };
    const own = { ...policy, templates: { ...policy.templates, buyerFile: { en: template } } };
    expect(composeMail(own, BUYER).html).toBe('[]');
  });

  test('in a language that Dealseat has not needs subject and HTML', () => {
    expect(faultsOf({ templates: { learner: { fr: { html: 'x' } } } })).toEqual([
      'handOver.mail.templates.learner.fr: expected subject and html, because Dealseat has no text in fr',
    ]);
  });

  test('is missed where the language of the catalog has none', () => {
    expect(faultsOf({ language: 'fr' })[0]).toMatch(
      /^handOver\.mail\.language: Dealseat has no text in fr; expected one of en, de/,
    );
  });
});

test("Dealseat's own templates name nothing unknown, in any kind and language", () => {
  const { templates } = policyOf();
  for (const kind of MAIL_KINDS)
    expect(
      faultsOf({
        templates: {
          [kind]: Object.fromEntries(
            Object.entries(templates[kind]).map(([language, { subject, html }]) => [
              language,
              { subject, html },
            ]),
          ),
        },
      }),
    ).toEqual([]);
});
