import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toId18 } from '../../sandbox/salesforce/ids.ts';
import { literalValue, tokenize } from '../../sandbox/salesforce/soql/lexer.ts';

const quoteSafe = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

test('a text whose backslashes and quotes are escaped comes back as it was, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const tokens = tokenize(`Name = '${quoteSafe(text)}'`);
      expect(tokens.map((token) => token.kind)).toEqual(['word', 'symbol', 'string', 'end']);
      expect(literalValue(tokens[2]?.text ?? '')).toBe(text);
    }),
  );
});

const id15 = fc.stringMatching(/^[0-9A-Za-z]{15}$/);

test('an 18-character id tells apart ids that differ in case alone', () => {
  fc.assert(
    fc.property(id15, id15, (one, other) => {
      fc.pre(one !== other);
      expect(toId18(one)?.toLowerCase()).not.toBe(toId18(other)?.toLowerCase());
    }),
  );
  expect(toId18('00k5Y0000000001')?.toLowerCase()).not.toBe(toId18('00K5Y0000000001')?.toLowerCase());
});

test('an id is its own 18-character form, and no other suffix is taken', () => {
  fc.assert(
    fc.property(id15, fc.stringMatching(/^[0-9A-Z]{3}$/), (id, suffix) => {
      const full = toId18(id) ?? '';
      expect(toId18(full)).toBe(full);
      expect(toId18(id + suffix)).toBe(id + suffix === full ? full : null);
    }),
  );
  expect(toId18('0065Y00001Suvw6')).toBe('0065Y00001Suvw6QAB');
  expect(toId18('00D5Y000001MPM7')).toBe('00D5Y000001MPM7UAO');
});
