import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptCodes } from '../../src/domain/seats/kept-codes.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';

const redeemUrl = 'https://learn.vendor.example/redeem/{code}';
const listed = fc.uniqueArray(
  fc.record({ code: fc.stringMatching(/^[A-Z0-9]{6}$/), isRedeemed: fc.boolean() }),
  { selector: ({ code }) => code, maxLength: 30 },
);

test('redeemed codes are kept first, then those that contacts hold, then the rest in order', () => {
  const codes = ['A', 'B', 'C', 'D'].map((code) => ({ code, isRedeemed: code === 'D' }));
  const held = [`some text\n${redeemLink(redeemUrl, 'C')}`];
  const kept = (seatCount: number) =>
    keptCodes({ seatCount, redeemUrl }, codes, held).map(({ code }) => code);
  expect([kept(0), kept(1), kept(2), kept(3)]).toEqual([[], ['D'], ['D', 'C'], ['D', 'C', 'A']]);
});

test('the choice does not depend on the order of the list, and holds when the links of the rest are gone', () => {
  fc.assert(
    fc.property(listed, fc.nat(30), fc.nat(30), (codes, seatCount, heldCount) => {
      const group = { seatCount, redeemUrl };
      const held = codes.slice(0, heldCount).map(({ code }) => redeemLink(redeemUrl, code));
      const kept = keptCodes(group, codes, held);
      expect(keptCodes(group, [...codes].reverse(), held)).toEqual(kept);
      const names = new Set(kept.map(({ code }) => redeemLink(redeemUrl, code)));
      expect(
        keptCodes(
          group,
          codes,
          held.filter((link) => names.has(link)),
        ),
      ).toEqual(kept);
    }),
  );
});
