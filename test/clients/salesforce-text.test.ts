import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { domainOf } from '../../src/clients/salesforce/deal.ts';
import { carriesReference, escapeHtml, referenceLine } from '../../src/clients/salesforce/reference.ts';
import { soqlString } from '../../src/clients/salesforce/soql.ts';

describe('a string in SOQL', () => {
  test.each([
    ["O'Brien", "'O\\'Brien'"],
    ['back\\slash', "'back\\\\slash'"],
    ["x\\' OR Name != '", "'x\\\\\\' OR Name != \\''"],
    ['two\nlines', "'two\\nlines'"],
  ])('%j is written %s', (value, literal) => {
    expect(soqlString(value)).toBe(literal);
  });

  test('ends where it should end, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\\', "'", 'a', '\n', ' ') }), (value) => {
        const literal = soqlString(value);
        // A literal is a quote, then escapes or plain characters, then a quote, and nothing else.
        expect(literal).toMatch(/^'(?:\\.|[^'\\])*'$/);
        const read = literal
          .slice(1, -1)
          .replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
        expect(read).toBe(value);
      }),
    );
  });
});

describe('the reference line', () => {
  const keys = fc.stringMatching(/^[A-Za-z0-9:._-]{1,40}$/);

  test('is found again in a text and in HTML', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(carriesReference(`Hello\n\n${referenceLine(key)}`, key)).toBe(true);
        expect(carriesReference(`<p>Hello</p><p>${escapeHtml(referenceLine(key))}</p>`, key)).toBe(true);
      }),
    );
  });

  test('of one key is not taken for that of a key it begins with', () => {
    fc.assert(
      fc.property(keys, keys, (key, more) => {
        expect(carriesReference(`${referenceLine(key + more)}\nand more`, key)).toBe(false);
      }),
    );
  });

  test('of a key with markup in it is found in HTML', () => {
    expect(carriesReference('<p>Reference: a&lt;b&amp;c</p>', 'a<b&c')).toBe(true);
  });
});

describe('the domain of an account', () => {
  test.each([
    ['https://www.globex.example', 'globex.example'],
    ['globex.example', 'globex.example'],
    [' HTTP://WWW.Globex.Example/about?x=1 ', 'globex.example'],
    ['https://globex.example.:8443', 'globex.example'],
    ['shop.globex.example', 'shop.globex.example'],
    ['', null],
    [null, null],
    ['not yet', null],
    ['globex', null],
    ['mailto:info@globex.example', null],
  ])('%j is of %j', (website, domain) => {
    expect(domainOf(website)).toBe(domain);
  });
});
