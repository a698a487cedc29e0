import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normalizeIdOf, normalizeSalesforceId } from '../../src/clients/salesforce/ids.ts';

const stems = fc.stringMatching(/^[A-Za-z0-9]{15}$/);

describe('ids of Salesforce records', () => {
  test.each([
    ['0065Y00001Suvw6', '0065Y00001Suvw6QAB'],
    ['0065Y00001Suvw6QAB', '0065Y00001Suvw6QAB'],
    ['00D5Y000001MPM7', '00D5Y000001MPM7UAO'],
  ])('%s is %s in its long form', (given, long) => {
    expect(normalizeSalesforceId(given)).toBe(long);
  });

  test('the long form of an id is its own long form, and keeps the short one in front', () => {
    fc.assert(
      fc.property(stems, (stem) => {
        const long = normalizeSalesforceId(stem);
        expect(long).toHaveLength(18);
        expect(long?.startsWith(stem)).toBe(true);
        expect(normalizeSalesforceId(long ?? '')).toBe(long);
      }),
    );
  });

  test('two ids that differ only in case have different long forms, case ignored', () => {
    fc.assert(
      fc.property(stems, stems, (left, right) => {
        fc.pre(left !== right);
        const longs = [left, right].map((stem) => normalizeSalesforceId(stem)?.toLowerCase());
        expect(longs[0]).not.toBe(longs[1]);
      }),
    );
    expect(normalizeSalesforceId('0065Y00001SUVW6')).not.toBe(normalizeSalesforceId('0065Y00001Suvw6'));
  });

  test.each([
    ['empty', ''],
    ['16 characters', '0065Y00001Suvw6Q'],
    ['a quote', "0065Y00001Suvw'"],
    ['a line break', '0065Y00001Suvw6QAB\n'],
    ['a suffix of another id', '0065Y00001Suvw6QAC'],
    ['folded case', '0065y00001suvw6QAB'],
  ])('no id: %s', (_, given) => {
    expect(normalizeSalesforceId(given)).toBeNull();
  });

  test('an id of another object is not taken for a deal', () => {
    expect(normalizeIdOf('Opportunity', '0035Y00001Suvw6')).toBeNull();
    expect(normalizeIdOf('Opportunity', '0065Y00001Suvw6')).toBe('0065Y00001Suvw6QAB');
  });
});
