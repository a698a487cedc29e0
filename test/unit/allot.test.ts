import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AssignableCodes, type Assignment, assignCodes } from '../../src/domain/seats/assignment.ts';
import { codeInLink, redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { deal, readyPlan } from './example-deals.ts';

const [planned] = readyPlan(deal()).groups;
if (planned === undefined) throw new Error('the example deal plans no group');
const template = planned.redeemUrl;

/** One to three groups with sixteen to twenty codes each; no code stands in two groups. */
const groupLists: fc.Arbitrary<AssignableCodes[]> = fc
  .array(fc.uniqueArray(fc.stringMatching(/^[A-Z0-9]{8}$/), { minLength: 16, maxLength: 20 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((lists) =>
    lists.map((codes, index) => ({
      group: { ...planned, productKey: `sku:${index}`, token: `token-${index}`, label: `group-${index}` },
      codes: codes.map((code) => `${index}${code}`).sort(),
      redeemed: new Set<string>(),
    })),
  );
const LEARNERS = ['1', '2', '3', '4'];
const learnerIds = fc.uniqueArray(fc.integer({ min: 1, max: 999 }).map(String), { maxLength: 8 });

/** What the contacts carry after the links were written. */
function written({ links }: Assignment): Map<string, string> {
  return new Map([...links].map(([id, lines]) => [id, lines.join('\n')]));
}

function givenCodes({ links }: Assignment): string[] {
  return [...links.values()].flat().map((link) => codeInLink(template, link) ?? '');
}

describe('codes for learners', () => {
  test('every learner gets one code of each product, nobody shares one, and the rest is spare', () => {
    fc.assert(
      fc.property(groupLists, learnerIds, (groups, learners) => {
        const assignment = assignCodes(groups, learners, new Map());
        expect([...assignment.links.keys()]).toEqual(learners);
        for (const links of assignment.links.values()) {
          const homes = links.map((link) =>
            groups.findIndex(({ codes }) => codes.includes(codeInLink(template, link) ?? '')),
          );
          expect(homes).toEqual(groups.map((_, index) => index));
        }
        const given = givenCodes(assignment);
        const spare = assignment.spare.flatMap(({ codes }) => codes);
        expect([...given, ...spare].sort()).toEqual(groups.flatMap(({ codes }) => codes).sort());
      }),
    );
  });

  test('a product that was topped up gives each learner one code, not one of each of its groups', () => {
    fc.assert(
      fc.property(groupLists, learnerIds, learnerIds, (groups, before, after) => {
        const parts = groups.map((part) => ({ ...part, group: { ...part.group, productKey: 'sku:1' } }));
        const first = assignCodes(parts.slice(0, 1), before, new Map());
        const second = assignCodes(parts, after, written(first));
        expect(givenCodes(second)).toHaveLength(after.length);
        for (const id of after) {
          if (before.includes(id)) expect(second.links.get(id)).toEqual(first.links.get(id));
        }
      }),
    );
  });

  test('a second run gives everybody the same codes and leaves the same ones over', () => {
    fc.assert(
      fc.property(groupLists, learnerIds, (groups, learners) => {
        const first = assignCodes(groups, learners, new Map());
        expect(assignCodes(groups, learners, written(first))).toEqual(first);
      }),
    );
  });

  test('who stays on the deal keeps the codes, whoever else is added or removed', () => {
    fc.assert(
      fc.property(groupLists, learnerIds, learnerIds, (groups, before, after) => {
        const first = assignCodes(groups, before, new Map());
        const second = assignCodes(groups, after, written(first));
        for (const id of after) {
          if (before.includes(id)) expect(second.links.get(id)).toEqual(first.links.get(id));
        }
        expect(new Set(givenCodes(second)).size).toBe(givenCodes(second).length);
      }),
    );
  });

  test('a link that was copied to a second contact stays with the first; the second gets another', () => {
    fc.assert(
      fc.property(groupLists, (groups) => {
        const first = assignCodes(groups, ['1'], new Map());
        const copied = written(first).get('1') ?? '';
        const { links } = assignCodes(
          groups,
          ['1', '2'],
          new Map([
            ['1', copied],
            ['2', copied],
          ]),
        );
        expect(links.get('1')?.join('\n')).toBe(copied);
        for (const link of links.get('2') ?? []) expect(copied.split('\n')).not.toContain(link);
      }),
    );
  });

  test('texts in the field that are no links of these groups are ignored', () => {
    fc.assert(
      fc.property(groupLists, learnerIds, fc.string({ unit: 'grapheme' }), (groups, learners, text) => {
        const fields = new Map(
          learners.map((id) => [id, `${text}\nhttps://learn.vendor.example/redeem/OLD`]),
        );
        expect(assignCodes(groups, learners, fields)).toEqual(assignCodes(groups, learners, new Map()));
      }),
    );
  });

  test('the code of a contact who is no learner any more stays with that contact: not given, not spare', () => {
    fc.assert(
      fc.property(groupLists, fc.subarray(LEARNERS, { minLength: 1 }), (groups, left) => {
        const first = assignCodes(groups, LEARNERS, new Map());
        const next = ['7', ...LEARNERS.filter((id) => !left.includes(id))];
        const second = assignCodes(groups, next, written(first));
        const stay = left.flatMap((id) => first.links.get(id) ?? []);
        expect(stay.filter((link) => [...second.links.values()].flat().includes(link))).toEqual([]);
        const spare = second.spare.flatMap(({ codes }) => codes);
        expect(spare.filter((code) => stay.includes(redeemLink(template, code)))).toEqual([]);
      }),
    );
  });

  test('a redeemed code is given to nobody but who carries it', () => {
    fc.assert(
      fc.property(groupLists, (groups) => {
        const first = assignCodes(groups, ['1'], new Map());
        const used = groups.map((group) => ({ ...group, redeemed: new Set(group.codes.slice(0, 6)) }));
        const { links } = assignCodes(used, ['1', '2'], written(first));
        expect(links.get('1')).toEqual(first.links.get('1'));
        for (const [index, link] of (links.get('2') ?? []).entries()) {
          expect(used[index]?.redeemed).not.toContain(codeInLink(template, link));
        }
      }),
    );
  });

  test('fewer free codes than learners is told with who holds the others, and without a code', () => {
    const group = { ...planned, title: 'Small' };
    const codes = ['CANARY01', 'CANARY02', 'CANARY03'];
    const fields = new Map([['9', redeemLink(template, 'CANARY01')]]);
    const assign = () => assignCodes([{ group, codes, redeemed: new Set(['CANARY02']) }], ['1', '2'], fields);
    expect(assign).toThrow(
      expect.objectContaining({
        code: 'deal.too_few_seats',
        message:
          '"Small" has 1 free codes for 2 learners without one: 1, 2, and contacts who are no learners hold codes: 9',
      }),
    );
  });
});
