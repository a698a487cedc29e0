import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FoundCode, type FoundProduct, tellCodes } from '../../src/domain/seats/tell-codes.ts';

const code = (name: string, more: Partial<FoundCode> = {}): FoundCode => ({
  code: name,
  isHeld: false,
  isRedeemed: false,
  hasAccess: null,
  isLeftOver: false,
  ...more,
});
const held = { isHeld: true };
const used = { isRedeemed: true, hasAccess: true };
const ended = { isRedeemed: true, hasAccess: false };
const leftOver = { isLeftOver: true };

function tell(
  sold: readonly FoundCode[],
  replacements: readonly FoundCode[],
  more: Partial<FoundProduct> = {},
) {
  const { inUse, takenBack, unsure, ...counts } = tellCodes({
    seatCount: sold.length,
    unlisted: 0,
    withoutCode: 0,
    sold,
    replacements,
    ...more,
  });
  return { inUse: [...inUse], takenBack: [...takenBack], unsure: [...unsure], ...counts };
}

describe('Which codes of a product fill its seats', () => {
  test('a learner carries the new code, and the others are left over -> the code that nobody has was taken back', () => {
    const sold = [code('lost'), code('kept', leftOver)];
    expect(tell(sold, [code('new', held)])).toEqual({
      inUse: ['new'],
      takenBack: ['lost'],
      unsure: [],
      doubtful: 0,
      missing: 0,
    });
  });

  test('who used a code has no access any more -> it was taken back, and its seat has no code that can be told', () => {
    expect(tell([code('gone', ended), code('other', held)], [code('new'), code('spare')])).toEqual({
      inUse: [],
      takenBack: ['gone'],
      unsure: ['new', 'spare'],
      doubtful: 0,
      missing: 1,
    });
  });

  test('a new code of a buyer is in use -> it cannot be told which of the buyer’s codes it replaced', () => {
    expect(tell([code('one'), code('two')], [code('new', used)])).toEqual({
      inUse: ['new'],
      takenBack: [],
      unsure: ['one'],
      doubtful: 2,
      missing: 0,
    });
  });

  test('the buyer may have a new code that nobody used -> all seats stay with the old ones, and each of them is in doubt', () => {
    expect(tell([code('one'), code('two', used)], [code('new')])).toEqual({
      inUse: [],
      takenBack: [],
      unsure: ['new'],
      doubtful: 2,
      missing: 0,
    });
  });

  test('access ended for more people than codes were replaced -> that is no proof of anything', () => {
    expect(tell([code('one', ended), code('two', ended)], [code('new')])).toMatchObject({
      takenBack: [],
      doubtful: 2,
      missing: 0,
    });
  });

  test('the store has a seat without a code -> it is one of those that were sold', () => {
    expect(
      tell([code('one', leftOver)], [code('new', held)], { seatCount: 2, withoutCode: 1 }),
    ).toMatchObject({
      inUse: ['new'],
      unsure: ['one'],
      missing: 0,
    });
  });

  test('a group is gone from the platform -> its seats are not made up, and it cannot be told whose code the new one replaced', () => {
    expect(tell([code('one')], [code('new', held)], { seatCount: 3, unlisted: 2 })).toEqual({
      inUse: ['new'],
      takenBack: [],
      unsure: [],
      doubtful: 1,
      missing: 0,
    });
  });

  const anyCode = fc.record({
    isHeld: fc.boolean(),
    isRedeemed: fc.boolean(),
    hasAccess: fc.constantFrom(true, false, null),
    isLeftOver: fc.boolean(),
  });
  const named = (prefix: string) => (codes: readonly Omit<FoundCode, 'code'>[]) =>
    codes.map((one, index) => ({ ...one, code: `${prefix}${index}` }));

  test('as many seats as the ledger counts, unless contacts carry more; no code is two things; what is carried stays', () => {
    fc.assert(
      fc.property(
        fc.array(anyCode, { maxLength: 12 }).map(named('s')),
        fc.array(anyCode, { maxLength: 12 }).map(named('r')),
        fc.nat(3),
        fc.nat(3),
        (sold, replacements, withoutCode, unlisted) => {
          const seatCount = sold.length + withoutCode + unlisted;
          const { inUse, takenBack, unsure, missing } = tellCodes({
            seatCount,
            unlisted,
            withoutCode,
            sold,
            replacements,
          });
          const over = new Set([...takenBack, ...unsure]);
          expect(over.size).toBe(takenBack.size + unsure.size);
          for (const one of [...sold, ...replacements]) if (one.isHeld) expect(over).not.toContain(one.code);
          for (const { code: name } of replacements) expect(inUse.has(name)).not.toBe(over.has(name));
          const live =
            sold.filter(({ code: name }) => !over.has(name)).length + inUse.size + missing + withoutCode;
          const carried = [...sold, ...replacements].filter(({ isHeld }) => isHeld).length + withoutCode;
          expect(live).toBeLessThanOrEqual(Math.max(seatCount, carried));
          expect(live).toBeGreaterThanOrEqual(Math.max(seatCount - unlisted, carried));
        },
      ),
    );
  });
});
