import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameName, nameKey } from '../../src/domain/names.ts';

describe('two spellings of a name', () => {
  test.each([
    ['in other case', 'Acme Corp', 'ACME CORP'],
    ['composed and decomposed', 'Société Générale', 'Socie\u0301te\u0301 Ge\u0301ne\u0301rale'],
    ['with a no-break blank', 'Acme Corp', 'Acme\u00a0Corp'],
    ['with a thin, a doubled and an outer blank', 'Acme Corp Ltd', ' Acme\u2009 Corp\tLtd '],
    ['in full width', 'Acme 101', 'Ａｃｍｅ　１０１'],
    ['with a ligature', 'Office Firm', 'O\ufb03ce Firm'],
    ['with a sharp s in capitals', 'Straße', 'STRASSE'],
    ['with a final sigma', 'Όμιλος', 'ΌΜΙΛΟΣ'],
    ['with a dotted capital I', 'istanbul', 'İstanbul'],
    ['with a curly apostrophe', "L'Atelier", 'L’Atelier'],
    ['with another hyphen', 'Coca-Cake', 'Coca\u2011Cake'],
    ['with a soft hyphen and a joiner', 'Donaudampf', 'Donau\u00addampf\u200d'],
    ['with a mark of direction', 'Acme', '\u200eAcme\u200f'],
  ])('%s are one name', (_, a, b) => {
    expect(isSameName(a, b)).toBe(true);
  });

  test.each([
    ['another accent', 'Muller', 'Müller'],
    ['a part of it', 'Acme', 'Acme Corp'],
    ['a blank inside', 'Acmecorp', 'Acme Corp'],
    ['another script', 'Асме', 'Acme'],
    ['another sign', 'A+', 'A'],
  ])('%s is another name', (_, a, b) => {
    expect(isSameName(a, b)).toBe(false);
  });
});

test('the key of a key is that key, so that what is remembered stays what it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(nameKey(nameKey(text))).toBe(nameKey(text));
    }),
    { numRuns: 2_000 },
  );
});
