import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import {
  groupToken,
  messageKey,
  parseProvisioningId,
  provisioningId,
  rosterToken,
  rosterTokenOf,
} from '../../src/domain/deal/ids.ts';
import { sha256 } from './example-deals.ts';

const crm = fc.constantFrom('hubspot' as const, 'salesforce' as const);
const id = fc.stringMatching(/^[A-Za-z0-9]{1,18}$/);
const refs: fc.Arbitrary<DealRef> = fc.record({ crm, account: id, dealId: id });
const groups = fc.record({
  platform: fc.constantFrom('ti', 'other'),
  productKey: fc.string({ unit: 'grapheme' }),
  part: fc.integer({ min: 1 }),
});

describe('the id of a run', () => {
  test('names its deal, and the deal can be read back from it', () => {
    fc.assert(fc.property(refs, (ref) => expect(parseProvisioningId(provisioningId(ref))).toEqual(ref)));
  });

  test.each([
    'provision:hubspot:62515',
    'provision:hubspot:62515:9001:again',
    'provision:HubSpot:62515:9001',
    'provision::62515:9001',
    'preview:hubspot:62515:9001',
    'provision:hubspot::9001',
    'provision:hubspot:62515:',
    '',
  ])('"%s" names no deal', (text) => {
    expect(parseProvisioningId(text)).toBeNull();
  });
});

describe('the token of a group', () => {
  test('is one word of a-z and 0-9, because search engines split words elsewhere', () => {
    fc.assert(
      fc.property(refs, groups, (ref, group) => {
        expect(groupToken(ref, group, sha256)).toMatch(/^d[0-9a-f]{15}$/);
      }),
    );
  });

  test('is the same for the same deal, platform, product and part, and another for any other', () => {
    fc.assert(
      fc.property(refs, groups, refs, groups, (refA, groupA, refB, groupB) => {
        const isSame = JSON.stringify([refA, groupA]) === JSON.stringify([refB, groupB]);
        expect(groupToken(refA, groupA, sha256) === groupToken(refB, groupB, sha256)).toBe(isSame);
      }),
    );
  });

  test('differs when only one of crm, account, deal, platform, product or part differs', () => {
    const ref: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
    const group = { platform: 'ti', productKey: 'sku:LEAD-101', part: 1 };
    const tokens = [
      groupToken(ref, group, sha256),
      groupToken({ ...ref, crm: 'salesforce' }, group, sha256),
      groupToken({ ...ref, account: '62516' }, group, sha256),
      groupToken({ ...ref, dealId: '9002' }, group, sha256),
      groupToken(ref, { ...group, productKey: 'sku:NEGO-201' }, sha256),
      groupToken(ref, { ...group, part: 2 }, sha256),
      groupToken(ref, { ...group, platform: 'other' }, sha256),
      // The same characters, divided otherwise.
      groupToken({ ...ref, account: '625159', dealId: '001' }, group, sha256),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('never changes between releases, because groups made by older ones are found by it', () => {
    const ref: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
    expect(groupToken(ref, { platform: 'ti', productKey: 'sku:LEAD-101', part: 1 }, sha256)).toBe(
      'd8db82dc7b38d30c',
    );
    expect(messageKey(ref, '6001', sha256, 'd1')).toBe('dealseat-d43454497c919b49');
    expect(rosterToken(ref, sha256)).toBe('d91e50eb943ffdf5');
  });
});

test('keys of groups, messages and rosters never meet, even where their parts do', () => {
  fc.assert(
    fc.property(refs, id, (ref, other) => {
      const keys = [
        groupToken(ref, { platform: 'ti', productKey: other, part: 1 }, sha256),
        messageKey(ref, other, sha256, other).replace('dealseat-', ''),
        rosterToken(ref, sha256),
      ];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test('a message about other seats has a key of its own, and so has each contact', () => {
  fc.assert(
    fc.property(refs, id, id, fc.string(), fc.string(), (ref, contactA, contactB, aboutA, aboutB) => {
      const isSame = contactA === contactB && aboutA === aboutB;
      const keys = [messageKey(ref, contactA, sha256, aboutA), messageKey(ref, contactB, sha256, aboutB)];
      expect(keys[0] === keys[1]).toBe(isSame);
    }),
  );
});

test('the token of a roster can be read back from the name of its file, and from no other name', () => {
  const ref: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
  const rosterOf = rosterToken(ref, sha256);
  expect(rosterTokenOf(`roster-acme-leadership-${rosterOf}.csv`)).toBe(rosterOf);
  for (const other of ['roster.csv', `roster-${rosterOf}.xlsx`, `${rosterOf}.csv`, '']) {
    expect(rosterTokenOf(other)).toBe('');
  }
});
