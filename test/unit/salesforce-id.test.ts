import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normalizeIdOf } from '../../src/clients/salesforce/ids.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';

const stems = fc.stringMatching(/^[A-Za-z0-9]{15}$/);

describe('ids of Salesforce records', () => {
  test.each([
    ['0065Y00001Suvw6', '0065Y00001Suvw6QAB'],
    ['0065Y00001Suvw6QAB', '0065Y00001Suvw6QAB'],
    ['00D5Y000001MPM7', '00D5Y000001MPM7UAO'],
  ])('%s is %s in its long form', (given, long) => {
    expect(toSalesforceId18(given)).toBe(long);
  });

  test('the long form of an id is its own long form, and keeps the short one in front', () => {
    fc.assert(
      fc.property(stems, (stem) => {
        const long = toSalesforceId18(stem);
        expect(long).toHaveLength(18);
        expect(long?.startsWith(stem)).toBe(true);
        expect(toSalesforceId18(long ?? '')).toBe(long);
      }),
    );
  });

  test('two ids that differ only in case have different long forms, case ignored', () => {
    fc.assert(
      fc.property(stems, stems, (left, right) => {
        fc.pre(left !== right);
        const longs = [left, right].map((stem) => toSalesforceId18(stem)?.toLowerCase());
        expect(longs[0]).not.toBe(longs[1]);
      }),
    );
    expect(toSalesforceId18('0065Y00001SUVW6')).not.toBe(toSalesforceId18('0065Y00001Suvw6'));
  });

  test('a change of case anywhere in the first fifteen characters is noticed', () => {
    const full = '0065Y00001Suvw6QAB';
    for (const [index, letter] of [...full.slice(0, 15)].entries()) {
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (other !== letter)
        expect(toSalesforceId18(full.slice(0, index) + other + full.slice(index + 1))).toBeNull();
    }
  });

  test.each([
    ['empty', ''],
    ['16 characters', '0065Y00001Suvw6Q'],
    ['a quote', "0065Y00001Suvw'"],
    ['a line break', '0065Y00001Suvw6QAB\n'],
    ['a suffix of another id', '0065Y00001Suvw6QAC'],
    ['folded case', '0065y00001suvw6QAB'],
  ])('no id: %s', (_, given) => {
    expect(toSalesforceId18(given)).toBeNull();
  });

  test('an id of another object is not taken for a deal', () => {
    expect(normalizeIdOf('Opportunity', '0035Y00001Suvw6')).toBeNull();
    expect(normalizeIdOf('Opportunity', '0065Y00001Suvw6')).toBe('0065Y00001Suvw6QAB');
  });
});
