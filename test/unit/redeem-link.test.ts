import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeInLink, redeemLink, redeemPage } from '../../src/domain/seats/redeem-link.ts';

const TEMPLATES = [
  'https://learn.vendor.example/redeem/{code}',
  'https://learn.acme.example:8443/acme/{code}/start',
  'https://learn.vendor.example/redeem?code={code}&partner=acme',
];
const templates = fc.constantFrom(...TEMPLATES);
const codes = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

describe('a redeem link', () => {
  test('gives back its code, character for character and case for case', () => {
    fc.assert(
      fc.property(templates, codes, (template, code) => {
        expect(codeInLink(template, redeemLink(template, code))).toBe(code);
      }),
    );
  });

  test('stays on the host of its template whatever the code is', () => {
    const hostile = fc.constantFrom(
      '@evil.example',
      '//evil.example',
      '?x=1#y',
      '../../..',
      '\\evil',
      '%2e%2e',
    );
    fc.assert(
      fc.property(templates, fc.oneof(codes, hostile), (template, code) => {
        const { host, protocol, hash } = new URL(redeemLink(template, code));
        expect({ host, protocol, hash }).toEqual({
          host: new URL(template).host,
          protocol: 'https:',
          hash: '',
        });
      }),
    );
  });

  test('adds no parameter of its own', () => {
    fc.assert(
      fc.property(codes, (code) => {
        const { searchParams } = new URL(redeemLink(TEMPLATES[2] ?? '', code));
        expect([...searchParams]).toEqual([
          ['code', code],
          ['partner', 'acme'],
        ]);
      }),
    );
  });

  test('percent-encodes what a path may not hold, and replacement patterns mean nothing', () => {
    expect(redeemLink(TEMPLATES[0] ?? '', 'a/b c?d')).toBe(
      'https://learn.vendor.example/redeem/a%2Fb%20c%3Fd',
    );
    expect(codeInLink(TEMPLATES[0] ?? '', redeemLink(TEMPLATES[0] ?? '', '$&$1'))).toBe('$&$1');
  });
});

describe('a text that this template did not make', () => {
  test('has no code in it, or is exactly the link of that code', () => {
    const near = codes.map((text) => `https://learn.vendor.example/redeem/${text}`);
    fc.assert(
      fc.property(templates, fc.oneof(codes, near), (template, text) => {
        const code = codeInLink(template, text);
        if (code !== null) expect(redeemLink(template, code)).toBe(text);
      }),
    );
  });

  test.each([
    '',
    'https://learn.vendor.example/redeem/',
    'https://learn.other.example/redeem/AB12',
    'https://learn.vendor.example/redeem/%zz',
    'https://learn.vendor.example/redeem/a%2fb',
  ])('"%s" names no code', (text) => {
    expect(codeInLink(TEMPLATES[0] ?? '', text)).toBeNull();
  });
});

test.each([
  ['https://learn.vendor.example/redeem/{code}', 'https://learn.vendor.example/redeem'],
  ['https://learn.acme.example/acme/{code}', 'https://learn.acme.example/acme'],
])('the page for typing a code by hand of %s is %s', (template, page) => {
  expect(redeemPage(template)).toBe(page);
});
