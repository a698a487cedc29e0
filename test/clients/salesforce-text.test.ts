import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { carriesReference, referenceIn, referenceLine } from '../../src/clients/salesforce/reference.ts';
import { soqlString } from '../../src/clients/salesforce/soql.ts';
import { CUT, cut } from '../../src/domain/cut.ts';
import { escapeHtml } from '../../src/domain/escape-html.ts';

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

describe('the reference in a text', () => {
  test.each([
    ['Look\n\nReference: ask-1', 'ask-1'],
    ['Look\r\nReference: ask-1\r\n', 'ask-1'],
    ['Reference: ask-1 of a deal of that name\n\nReference: ask-2', 'ask-2'],
    ['Reference: ask-1\nDone, says Kim', 'ask-1'],
    ['See Reference: ask-1', null],
    ['', null],
  ])('%j is %j', (text, key) => {
    expect(referenceIn(text)).toBe(key);
  });
});

describe('a text that is cut', () => {
  test('fits, begins like the whole one, and stays readable', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (text, length) => {
          const shown = cut(text, length);
          expect(shown.length).toBeLessThanOrEqual(length);
          expect(shown.isWellFormed()).toBe(true);
          if (text.length <= length) expect(shown).toBe(text);
          else expect(text.startsWith(shown.slice(0, -CUT.length))).toBe(true);
        },
      ),
    );
  });
});
