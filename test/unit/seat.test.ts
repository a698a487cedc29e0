import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RedemptionCode } from '../../src/domain/seats/code-group.ts';
import { createCodeFinder } from '../../src/domain/seats/link-field.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { type SeatedGroup, seatsOf } from '../../src/domain/seats/seat.ts';
import { plannedGroup } from './example-deals.ts';

const redeemUrl = 'https://learn.vendor.example/redeem/{code}';
const EARLIER = 'https://old.vendor.example/r?code={code}&from=acme';
const listed = fc.uniqueArray(
  fc.record({ code: fc.stringMatching(/^[A-Z0-9]{6}$/), isRedeemed: fc.boolean() }),
  { selector: ({ code }) => code, maxLength: 30 },
);

function seat(
  seatCount: number,
  codes: readonly RedemptionCode[],
  fields: Readonly<Record<string, string>>,
): SeatedGroup {
  const group = plannedGroup({ seatCount, redeemUrl });
  const findCode = createCodeFinder(new Set(codes.map(({ code }) => code)), [redeemUrl]);
  const [seated] = seatsOf([{ group, codes }], new Map(Object.entries(fields)), findCode);
  if (seated === undefined) throw new Error('expected a group');
  return seated;
}

function staying({ seats }: SeatedGroup): string[] {
  return seats.filter(({ isWithdrawn }) => !isWithdrawn).map(({ code }) => code);
}

test('redeemed codes stay first, then those that contacts hold, then the rest in order', () => {
  const codes = ['A', 'B', 'C', 'D'].map((code) => ({ code, isRedeemed: code === 'D' }));
  const held = { 7: `some text\n${redeemLink(redeemUrl, 'C')}` };
  const stay = (seatCount: number) => staying(seat(seatCount, codes, held));
  expect([stay(0), stay(1), stay(2), stay(3)]).toEqual([[], ['D'], ['C', 'D'], ['A', 'C', 'D']]);
});

test('who holds a seat is known by the code, whatever template the link was made with', () => {
  const codes = ['A1', 'B2', 'C3'].map((code) => ({ code, isRedeemed: false }));
  const links = [redeemLink(EARLIER, 'B2'), redeemLink('https://another.example/x/{code}/', 'C3')];
  const { seats } = seat(2, codes, { 7: `call first\n${links[0]}`, 8: links.join('\r\n') });
  expect(seats.map(({ code, holders, isWithdrawn }) => [code, holders, isWithdrawn])).toEqual([
    ['A1', [], true],
    ['B2', ['7', '8'], false],
    ['C3', ['8'], false],
  ]);
  // What is handed out anew has the link of its group.
  expect(seats[1]?.template).toBe(redeemUrl);
});

test('the choice does not depend on the order of the list, and holds when the links of the rest are gone', () => {
  fc.assert(
    fc.property(listed, fc.nat(30), fc.nat(30), (codes, seatCount, heldCount) => {
      const links = codes.slice(0, heldCount).map(({ code }) => redeemLink(redeemUrl, code));
      const seated = seat(seatCount, codes, { 7: links.join('\n') });
      expect(seat(seatCount, [...codes].reverse(), { 7: links.join('\n') })).toEqual(seated);
      const stay = new Set(staying(seated).map((code) => redeemLink(redeemUrl, code)));
      const rest = links.filter((link) => stay.has(link)).join('\n');
      expect(staying(seat(seatCount, codes, { 7: rest }))).toEqual(staying(seated));
    }),
  );
});
