import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkMailTemplate,
  DEFAULT_MAIL,
  type MailContext,
  renderMail,
} from '../../src/mail/mail-template.ts';

const CONTEXT: MailContext = {
  deal: { name: 'Acme leadership rollout', company: 'Acme Corp' },
  recipient: { first_name: 'Dana', last_name: 'Reyes' },
  seats: 25,
  products: [
    {
      title: 'Leadership Essentials',
      seats: 25,
      access: '365 days from redemption',
      codes_expire_on: '2027-11-20',
      redeem_page: 'https://learn.vendor.example/redeem',
    },
  ],
  redeem_links: [],
  roster_file: 'roster-acme.csv',
};

const [product] = CONTEXT.products;
if (product === undefined) throw new Error('the example has no product');

/** What a reader sees. */
function textOf(html: string): string {
  return html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

describe('the default mail', () => {
  test.each([
    ['how many seats there are', '25 seats are ready'],
    ['for whom', 'Acme Corp'],
    ['which products', 'Leadership Essentials: 25 seats'],
    ['how long access lasts', 'access 365 days from redemption'],
    ['when the codes expire', 'redeem the codes by 2027-11-20'],
    ['where the roster is', 'roster-acme.csv'],
    ['how to hand codes out', 'Give every learner one row, and each row to one learner only'],
    ['where a code can be typed by hand', 'https://learn.vendor.example/redeem'],
    ['that learners need an account', 'An account is needed'],
  ])('says %s', (_, words) => {
    expect(textOf(renderMail(DEFAULT_MAIL, CONTEXT).html)).toContain(words);
  });

  test('speaks of one seat in the singular', () => {
    const one = { ...CONTEXT, seats: 1, products: [{ ...product, seats: 1 }] };
    const text = textOf(renderMail(DEFAULT_MAIL, one).html);
    expect(text).toContain('1 seat is ready');
    expect(text).toContain('Leadership Essentials: 1 seat,');
  });

  test('leaves out expiry and access where there are none', () => {
    const open = { ...CONTEXT, products: [{ ...product, access: '', codes_expire_on: '' }] };
    const text = textOf(renderMail(DEFAULT_MAIL, open).html);
    expect(text).not.toContain('redeem the codes by');
    expect(text).not.toContain('access');
  });

  test('names a redeem page once, though several products share it', () => {
    const twice = { ...CONTEXT, products: [product, { ...product, title: 'Manager Track' }] };
    expect(renderMail(DEFAULT_MAIL, twice).html.match(/href="/g)).toHaveLength(1);
  });

  test('names every page where products have different ones', () => {
    const page = 'https://learn.acme.example/acme';
    const both = { ...CONTEXT, products: [product, { ...product, redeem_page: page }] };
    const { html } = renderMail(DEFAULT_MAIL, both);
    expect(html).toContain(`href="${product.redeem_page}"`);
    expect(html).toContain(`href="${page}"`);
  });

  test('greets somebody whose first name is not known', () => {
    const unnamed = { ...CONTEXT, recipient: { first_name: '', last_name: '' } };
    expect(textOf(renderMail(DEFAULT_MAIL, unnamed).html)).toContain('Hello there,');
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

  test('never become markup or template code, whatever they hold', () => {
    const tagsOf = (html: string) => html.match(/<[^>]*>/g);
    const plain = tagsOf(renderMail(DEFAULT_MAIL, CONTEXT).html);
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, company, title) => {
        const context = { ...CONTEXT, deal: { name, company }, products: [{ ...product, title }] };
        expect(tagsOf(renderMail(DEFAULT_MAIL, context).html)).toEqual(plain);
      }),
    );
  });

  test('cannot leave an attribute', () => {
    const context = { ...CONTEXT, products: [{ ...product, redeem_page: 'https://x.example/" onclick="x' }] };
    expect(renderMail(DEFAULT_MAIL, context).html).not.toContain('" onclick');
  });

  test('stand in the subject as they are, on one line', () => {
    const name = 'R&D <"rollout">\r\nBcc: everybody@evil.example\u2028x';
    const { subject } = renderMail(DEFAULT_MAIL, { ...CONTEXT, deal: { ...CONTEXT.deal, name } });
    expect(subject).toBe('R&D <"rollout"> Bcc: everybody@evil.example x: your 25 learning seats are ready');
  });

  test('never break the subject line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const { subject } = renderMail(DEFAULT_MAIL, { ...CONTEXT, deal: { ...CONTEXT.deal, name } });
        expect(subject).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe("a customer's template", () => {
  test('may use all that is promised', () => {
    const template = {
      subject: '{{ deal.company }} {{ recipient.last_name }}',
      body: '{% for p in products %}{{ p.title }}={{ p.seats }};{% endfor %}{{ roster_file }}',
    };
    expect(renderMail(template, CONTEXT)).toEqual({
      subject: 'Acme Corp Reyes',
      html: 'Leadership Essentials=25;roster-acme.csv',
    });
  });

  test.each([
    ['an unclosed tag', '{% if seats %}x'],
    ['an unknown filter', '{{ seats | shout }}'],
    ['an unknown tag', '{% launch %}'],
    ['an unclosed output', '{{ seats'],
  ])('with %s is refused when the catalog is read', (_, text) => {
    expect(() => checkMailTemplate({ subject: 'x', body: text })).toThrow();
    expect(() => checkMailTemplate({ subject: text, body: 'x' })).toThrow();
  });

  test('cannot reach anything but its values', () => {
    const template = { subject: 'x', body: '[{{ deal.constructor.name }}{{ constructor }}{{ __proto__ }}]' };
    expect(renderMail(template, CONTEXT).html).toBe('[]');
  });

  test('that would never end is stopped', () => {
    const template = { subject: 'x', body: '{% for i in (1..100000000) %}x{% endfor %}' };
    expect(() => renderMail(template, CONTEXT)).toThrow();
  });
});
