import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Stage, type StageStay, standingOf } from '../../src/domain/deal/standing.ts';
import { wonAtOf } from '../../src/domain/deal/won-at.ts';

const stages: fc.Arbitrary<Stage> = fc.record({
  is: fc.constantFrom('won', 'open', 'lost'),
  pipeline: fc.constantFrom('sales', 'fulfilment', 'partners'),
  isAfterWon: fc.boolean(),
});

/** A stay a minute, oldest first; the deal is in the last of them. */
function staysOf(list: readonly Stage[]): StageStay[] {
  return list.map((stage, index) => ({ ...stage, since: new Date(index * 60_000).toISOString() }));
}

function standing(list: readonly Stage[]) {
  const now = list.at(-1);
  if (now === undefined) throw new Error('a deal is in a stage');
  return standingOf(staysOf(list), now);
}

const won: Stage = { is: 'won', pipeline: 'sales', isAfterWon: false };
const open: Stage = { is: 'open', pipeline: 'sales', isAfterWon: false };
const elsewhere: Stage = { ...open, pipeline: 'fulfilment' };

describe('the standing of a deal', () => {
  test('in a won stage is won, and in a lost one that does not follow the win it never is', () => {
    fc.assert(
      fc.property(fc.array(stages), fc.boolean(), (before, isWon) => {
        const last: Stage = isWon ? won : { ...open, is: 'lost' };
        expect(standing([...before, last]).isWon).toBe(isWon);
      }),
    );
  });

  test('of a deal that was never in a won stage is not won, wherever it is', () => {
    const notWon = stages.filter(({ is }) => is !== 'won');
    fc.assert(
      fc.property(fc.array(notWon, { minLength: 1 }), (list) => {
        expect(standing(list)).toMatchObject({ isWon: false, wonIn: [] });
      }),
    );
  });

  test('is the same in whatever order the history comes', () => {
    const shuffled = fc
      .array(stages, { minLength: 1 })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(staysOf(list), { minLength: list.length })),
      );
    fc.assert(
      fc.property(shuffled, ([list, history]) => {
        const now = list.at(-1) ?? open;
        expect(standingOf(history, now)).toEqual(standing(list));
      }),
    );
  });

  test('counts a win once, however often the deal moves on, and anew after it was open again', () => {
    const wonAt = (...list: Stage[]) => wonAtOf(standing(list));
    expect(wonAt(open, won, elsewhere, { ...won, pipeline: 'fulfilment' }, elsewhere)).toBe(
      '1970-01-01T00:01:00.000Z',
    );
    expect(wonAt(won, elsewhere, open, won, elsewhere)).toBe('1970-01-01T00:03:00.000Z');
    expect(wonAt(won, open)).toBeNull();
  });

  test('takes an open stage for opened again where the CRM knows no pipelines, unless the stage follows the win', () => {
    const flat = (stage: Stage): Stage => ({ ...stage, pipeline: null });
    expect(standing([flat(won), flat(elsewhere)]).isWon).toBe(false);
    expect(standing([flat(won), { ...flat(elsewhere), isAfterWon: true }]).isWon).toBe(true);
  });

  test('goes by the stage of the deal where the history does not know of it yet', () => {
    const before = staysOf([open]);
    expect(standingOf(before, won)).toMatchObject({ isWon: true, wonIn: ['sales'] });
    expect(standingOf(staysOf([won]), open)).toMatchObject({ isWon: false });
    expect(standingOf([], elsewhere)).toMatchObject({ isWon: false, stageHistory: [] });
  });
});
