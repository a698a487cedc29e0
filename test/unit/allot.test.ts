import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ExistingGroup, PlannedGroup } from '../../src/domain/planning/plan.ts';
import { type Allotment, type AllotmentRules, allot } from '../../src/domain/seats/allot.ts';
import { createCodeFinder } from '../../src/domain/seats/link-field.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { seatsOf } from '../../src/domain/seats/seat.ts';
import { plannedGroup } from './example-deals.ts';

const template = plannedGroup().redeemUrl;
const EARLIER_TEMPLATE = 'https://old.vendor.example/r?code={code}';
const NOBODY: ReadonlyMap<string, string> = new Map();

interface Group {
  readonly group: PlannedGroup;
  readonly codes: readonly string[];
  readonly redeemed?: ReadonlySet<string>;
}

function groupOf(index: number, codes: readonly string[], changes: Partial<PlannedGroup> = {}): Group {
  const group = plannedGroup({
    productKey: `sku:${index}`,
    token: `token-${index}`,
    label: `group-${index}`,
    seatCount: codes.length,
    ...changes,
  });
  return { group, codes };
}

/** So many groups, or one to three, with sixteen to twenty codes each; no code stands in two groups. */
function groupLists(minLength = 1): fc.Arbitrary<Group[]> {
  return fc
    .array(fc.uniqueArray(fc.stringMatching(/^[A-Z0-9]{8}$/), { minLength: 16, maxLength: 20 }), {
      minLength,
      maxLength: 3,
    })
    .map((lists) =>
      lists.map((codes, index) => groupOf(index, codes.map((code) => `${index}${code}`).sort())),
    );
}

/** The group after it was handed over; `isNew`: its first hand-over was not finished. */
function delivered(part: Group, isNew = false): Group {
  const existing: ExistingGroup = { groupId: 'id', issuedCount: part.codes.length, isNew };
  return { ...part, group: { ...part.group, existing } };
}

const LEARNERS = ['1', '2', '3', '4'];
const learnerIds = fc.uniqueArray(fc.integer({ min: 1, max: 999 }).map(String), { maxLength: 8 });

function allotted(
  groups: readonly Group[],
  learners: readonly string[],
  fields = NOBODY,
  handedOut: ReadonlySet<string> = new Set(),
  changes: Partial<AllotmentRules> = {},
): Allotment {
  const listed = groups.map(({ group, codes, redeemed = new Set() }) => ({
    group,
    codes: codes.map((code) => ({ code, isRedeemed: redeemed.has(code) })),
  }));
  const all = new Set(groups.flatMap(({ codes }) => codes));
  return allot(seatsOf(listed, fields, createCodeFinder(all, [template])), learners, {
    handedOut,
    spare: null,
    isSpareFree: false,
    known: new Set(),
    ...changes,
  });
}

/** What the contacts carry after the links were written, by this template or by the groups' own. */
function written({ held }: Allotment, byTemplate?: string): Map<string, string> {
  return new Map(
    [...held].map(([id, seats]) => [
      id,
      seats.map(({ code, template }) => redeemLink(byTemplate ?? template, code)).join('\n'),
    ]),
  );
}

function codesOf({ held }: Allotment, id: string): string[] {
  return (held.get(id) ?? []).map(({ code }) => code);
}

function givenCodes(allotment: Allotment): string[] {
  return [...allotment.held.keys()].flatMap((id) => codesOf(allotment, id));
}

function spareCodes({ spare }: Allotment): string[] {
  return spare.flatMap(({ seats }) => seats.map(({ code }) => code));
}

describe('seats for learners', () => {
  test('every learner gets one of each product, nobody shares one, and the rest is spare', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, (groups, learners) => {
        const allotment = allotted(groups, learners);
        expect([...allotment.held.keys()]).toEqual(learners);
        for (const id of learners) {
          const homes = codesOf(allotment, id).map((code) =>
            groups.findIndex(({ codes }) => codes.includes(code)),
          );
          expect(homes).toEqual(groups.map((_, index) => index));
        }
        const all = groups.flatMap(({ codes }) => codes);
        expect([...givenCodes(allotment), ...spareCodes(allotment)].sort()).toEqual(all.sort());
      }),
    );
  });

  test('who comes after the delivery gets what was kept, and nothing that anybody had', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, learnerIds, (groups, before, after) => {
        const earlier = allotted(groups, before);
        const parts = groups.map((part) => delivered(part));
        const newcomers = after.filter((id) => !before.includes(id));
        const kept = new Set(spareCodes(earlier));
        const rules = { spare: kept, isSpareFree: true, known: new Set(before) };
        const later = allotted(parts, newcomers, written(earlier), new Set(), rules);
        expect(givenCodes(later)).toHaveLength(newcomers.length * groups.length);
        for (const code of givenCodes(later)) expect(kept).toContain(code);
        const all = [...givenCodes(earlier), ...givenCodes(later), ...spareCodes(later)];
        expect(all.sort()).toEqual(groups.flatMap(({ codes }) => codes).sort());
        if (newcomers.length === 0) return;
        const attempt = () =>
          allotted(parts, newcomers, written(earlier), new Set(), { ...rules, isSpareFree: false });
        expect(attempt).toThrow(/codes? that no one was given/);
      }),
    );
  });

  test('a copy of a link that somebody was handed is not the code of who has the copy', () => {
    const [code = '', other = ''] = ['0AAAAAAA', '0BBBBBBB'];
    const part = delivered(groupOf(0, [code, other]));
    const link = redeemLink(template, code);
    const fields = new Map([
      ['1', link],
      ['2', link],
    ]);
    const rules = { spare: new Set([other]), isSpareFree: true, known: new Set(['2']) };
    const allotment = allotted([part], ['1', '2'], fields, new Set(), rules);
    expect([codesOf(allotment, '1'), codesOf(allotment, '2')]).toEqual([[other], [code]]);
  });

  test('a product that was topped up gives each learner one code, not one of each of its groups', () => {
    fc.assert(
      fc.property(groupLists(2), learnerIds, learnerIds, ([first, ...added], before, after) => {
        if (first === undefined) throw new Error('expected two groups');
        const asOne = (part: Group) => ({ ...part, group: { ...part.group, productKey: 'sku:1' } });
        const earlier = allotted([asOne(first)], before);
        const parts = [delivered(asOne(first)), ...added.map(asOne)];
        const later = allotted(parts, after, written(earlier));
        expect(givenCodes(later)).toHaveLength(after.length);
        for (const id of after) {
          if (before.includes(id)) expect(codesOf(later, id)).toEqual(codesOf(earlier, id));
        }
      }),
    );
  });

  test('a second run gives everybody the same codes and leaves the same ones over', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, (groups, learners) => {
        const first = allotted(groups, learners);
        const second = allotted(groups, learners, written(first));
        expect(written(second)).toEqual(written(first));
        expect(spareCodes(second)).toEqual(spareCodes(first));
      }),
    );
  });

  test('who stays on the deal keeps the codes, whoever else is added or removed', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, learnerIds, (groups, before, after) => {
        const first = allotted(groups, before);
        const second = allotted(groups, after, written(first));
        for (const id of after) {
          if (before.includes(id)) expect(codesOf(second, id)).toEqual(codesOf(first, id));
        }
        expect(new Set(givenCodes(second)).size).toBe(givenCodes(second).length);
      }),
    );
  });

  test('who holds a code keeps it whatever template its link was made with, and nobody else gets it', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, learnerIds, (groups, before, after) => {
        const first = allotted(groups, before);
        const everybody = [...new Set([...before, ...after])];
        const second = allotted(groups, everybody, written(first, EARLIER_TEMPLATE));
        for (const id of before) expect(codesOf(second, id)).toEqual(codesOf(first, id));
        expect(new Set(givenCodes(second)).size).toBe(givenCodes(second).length);
        const held = new Set(givenCodes(first));
        expect(spareCodes(second).filter((code) => held.has(code))).toEqual([]);
      }),
    );
  });

  test('a link that was copied to a second contact stays with the first; the second gets another', () => {
    fc.assert(
      fc.property(groupLists(), (groups) => {
        const first = allotted(groups, ['1']);
        const copied = written(first).get('1') ?? '';
        const fields = new Map(['1', '2'].map((id) => [id, copied]));
        const second = allotted(groups, ['1', '2'], fields);
        expect(codesOf(second, '1')).toEqual(codesOf(first, '1'));
        for (const code of codesOf(second, '2')) expect(codesOf(first, '1')).not.toContain(code);
      }),
    );
  });

  test('texts in the field that are no links of these groups are ignored', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, fc.string({ unit: 'grapheme' }), (groups, learners, text) => {
        const fields = new Map(
          learners.map((id) => [id, `${text}\nhttps://learn.vendor.example/redeem/OLD`]),
        );
        expect(allotted(groups, learners, fields)).toEqual(allotted(groups, learners));
      }),
    );
  });

  test('the code of a contact who is no learner any more stays with that contact: not given, not spare', () => {
    fc.assert(
      fc.property(groupLists(), fc.subarray(LEARNERS, { minLength: 1 }), (groups, left) => {
        const first = allotted(groups, LEARNERS);
        const next = ['7', ...LEARNERS.filter((id) => !left.includes(id))];
        const second = allotted(groups, next, written(first));
        const stay = left.flatMap((id) => codesOf(first, id));
        const elsewhere = [...givenCodes(second), ...spareCodes(second)];
        expect(stay.filter((code) => elsewhere.includes(code))).toEqual([]);
      }),
    );
  });

  test('a redeemed code is given to nobody but who carries it', () => {
    fc.assert(
      fc.property(groupLists(), (groups) => {
        const first = allotted(groups, ['1']);
        const used = groups.map((part) => ({ ...part, redeemed: new Set(part.codes.slice(0, 6)) }));
        const second = allotted(used, ['1', '2'], written(first));
        expect(codesOf(second, '1')).toEqual(codesOf(first, '1'));
        for (const [index, code] of codesOf(second, '2').entries()) {
          expect(used[index]?.redeemed).not.toContain(code);
        }
      }),
    );
  });

  test('fewer free codes than learners is told with who holds the others, and without a code', () => {
    const part = groupOf(0, ['CANARY01', 'CANARY02', 'CANARY03'], { title: 'Small' });
    const fields = new Map([['9', redeemLink(template, 'CANARY01')]]);
    const allotting = () => allotted([{ ...part, redeemed: new Set(['CANARY02']) }], ['1', '2'], fields);
    expect(allotting).toThrow(
      expect.objectContaining({
        code: 'deal.too_few_seats',
        message:
          '"Small" has 1 code that no one was given, for 2 learners without one: 1, 2, and contacts who are no learners hold codes: 9',
      }),
    );
  });
});

describe('a learner who comes later', () => {
  const first = groupOf(0, ['A1', 'A2', 'A3']);
  const topUp = groupOf(0, ['B1'], { token: 'token-1', part: 2 });

  test('gets a code of the seats that were added, not one that the buyer was mailed to hand out', () => {
    const earlier = allotted([first], ['1']);
    expect(spareCodes(earlier)).toEqual(['A2', 'A3']);
    const later = allotted([delivered(first), topUp], ['1', '2'], written(earlier));
    expect([codesOf(later, '1'), codesOf(later, '2')]).toEqual([['A1'], ['B1']]);
    // The buyer's are still the buyer's.
    expect(spareCodes(later)).toEqual(['A2', 'A3']);
  });

  test('never gets a code of a group that was delivered, however many are spare: a person is asked', () => {
    fc.assert(
      fc.property(groupLists(), learnerIds, (groups, before) => {
        const earlier = allotted(groups, before);
        const newcomer = '1000';
        const allotting = () =>
          allotted(
            groups.map((part) => delivered(part)),
            [...before, newcomer],
            written(earlier),
          );
        expect(allotting).toThrow(expect.objectContaining({ code: 'deal.too_few_seats' }));
      }),
    );
  });

  test('gets a code of a hand-over that was begun and not finished, but none of the roster that may be out', () => {
    const unfinished = delivered(first, true);
    const begun = allotted([first], ['1']);
    const roster = new Set(['A2']);
    const resumed = allotted([unfinished], ['1', '2'], written(begun), roster);
    expect([codesOf(resumed, '1'), codesOf(resumed, '2')]).toEqual([['A1'], ['A3']]);
    const all = new Set(['A2', 'A3']);
    expect(() => allotted([unfinished], ['1', '2'], written(begun), all)).toThrow(
      expect.objectContaining({ code: 'deal.too_few_seats' }),
    );
  });

  test('gets a code of the groups of this plan before one of an unfinished hand-over', () => {
    const resumed = allotted([delivered(first, true), topUp], ['2']);
    expect(codesOf(resumed, '2')).toEqual(['B1']);
  });

  test('keeps a code of the roster that the CRM shows on the learner: it was handed on already', () => {
    const fields = new Map([['2', redeemLink(EARLIER_TEMPLATE, 'A2')]]);
    const later = allotted([delivered(first)], ['2'], fields, new Set(['A2']));
    expect(codesOf(later, '2')).toEqual(['A2']);
    expect(spareCodes(later)).toEqual(['A1', 'A3']);
  });

  test('gets no code that was withdrawn', () => {
    const withdrawn = groupOf(0, ['A1', 'A2', 'A3'], { seatCount: 1 });
    expect(codesOf(allotted([withdrawn], ['1']), '1')).toEqual(['A1']);
    expect(() => allotted([withdrawn], ['1', '2'])).toThrow(
      expect.objectContaining({ code: 'deal.too_few_seats' }),
    );
    expect(spareCodes(allotted([withdrawn], []))).toEqual(['A1']);
  });
});
