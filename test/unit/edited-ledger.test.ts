import { describe, expect, test } from '@jest/globals';
import type { Deal, DealRef } from '../../src/domain/deal/deal.ts';
import { formatLedger, type Ledger, type LedgerGroup } from '../../src/domain/deal/ledger.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { factsNeeded } from '../../src/domain/planning/facts.ts';
import type { CodeGroup } from '../../src/domain/seats/code-group.ts';
import {
  type Around,
  carriedOut,
  comparisonOf,
  deal,
  EXAMPLE,
  line,
  moreOf,
  planOf,
  platformGroups,
  readingOf,
  sealerOf,
  withdrawalOf,
  writtenBy,
} from './example-deals.ts';

const SEATS = 25;
const sold = (seats = SEATS) => ({ lineItems: [line('LEAD-101', seats)] });
/** Whoever edits a field has no key of the deployment. */
const STRANGER = sealerOf(99);

/** The ledger of the delivered deal, with what somebody wrote into the entry of its only group. */
function edited(changes: Partial<LedgerGroup>, seats = SEATS): Ledger {
  const delivered = carriedOut(planOf(deal(sold(seats))));
  return { ...delivered, groups: delivered.groups.map((group) => ({ ...group, ...changes })) };
}

function written(ledger: Ledger, changes: Partial<Deal> = {}, sealer = STRANGER): Deal {
  const base = deal({ ...sold(), ...changes });
  return { ...base, written: writtenBy(ledger, base, sealer) };
}

/** As the platform has the groups of the ledger, each under its own token. */
function around(ledger: Ledger): Around {
  return { groups: platformGroups(ledger) };
}

const FOREIGN = { kind: 'blocked', problems: [{ code: 'deal.mark_foreign' }] };

/** What `docs/threat-model.md` says of it: these are bounds, and no stop. */
describe('a ledger that somebody edited to be given the seats again', () => {
  test('is believed: as many seats as it says too few are made, in a group of the next part', () => {
    const ledger = edited({ active: 0 });
    const plan = planOf(written(ledger), EXAMPLE, around(ledger));
    const made = plan.groups.filter(({ existing }) => !existing);
    expect(made.map(({ part, seatCount }) => [part, seatCount])).toEqual([[2, SEATS]]);
  });

  test('gives no more at once than the deal sells', () => {
    const ledger = edited({ active: 0 });
    expect(planOf(written(ledger), EXAMPLE, around(ledger)).addedSeats).toBe(SEATS);
  });

  test('asks for approval as new seats do', () => {
    const seats = (EXAMPLE.approveAboveSeats ?? Number.NaN) + 1;
    const ledger = edited({ active: 0 }, seats);
    expect(moreOf(written(ledger, sold(seats)), EXAMPLE, around(ledger)).question?.kind).toBe('approval');
  });

  test('gives nothing new when its entries are taken out: the first group is found again', () => {
    const ledger = edited({});
    const plan = planOf(written({ ...ledger, groups: [] }));
    expect(plan.groups.map(({ token }) => token)).toEqual(ledger.groups.map(({ token }) => token));
  });

  test('is refused when it names a group that is not the deal’s, whatever its numbers', () => {
    expect(readingOf(written(edited({ token: 'd0123456789abcde', active: 0 })))).toMatchObject(FOREIGN);
  });

  test('is refused when it says that another platform holds the group', () => {
    const ledger = edited({ platform: 'other' });
    expect(readingOf(written(ledger), EXAMPLE, around(ledger))).toMatchObject(FOREIGN);
  });
});

const VICTIM: DealRef = { crm: 'hubspot', account: '62515', dealId: '9002' };
const victims = carriedOut(planOf(deal({ ...VICTIM, ...sold(40) })));
const [stolen] = victims.groups;
if (stolen === undefined) throw new Error('the deal of the victim has no group');

describe('a ledger that names the group of another customer by its id', () => {
  const theirs = platformGroups(victims);
  /** The deal's own token, which anybody can compute, over the id of somebody else's group. */
  const taking = (changes: Partial<Ledger> = {}): Ledger => ({
    ...edited({ group: stolen.group, issued: 40, active: 40 }),
    ...changes,
  });

  test.each<[string, Ledger, Partial<Deal>]>([
    ['as delivered', taking(), sold(40)],
    ['as handed over only in part, past every approval', taking({ isPending: true }), sold(40)],
    ['with more sold', taking(), sold(41)],
    [
      'with more sold of another product',
      taking(),
      { lineItems: [line('LEAD-101', 40), line('NEGO-201', 1)] },
    ],
    ['with less sold', taking(), sold(39)],
    ['on a deal that is lost', taking(), { ...sold(40), isWon: false }],
    [
      'with seats left out by a person',
      taking({ settled: { 'sku:lead-101': { sold: 50, wonAt: null } } }),
      sold(50),
    ],
    ['with a line that nobody understands', taking(), { lineItems: [line('NOPE', 1)] }],
  ])('%s gets no seat of it, whoever asks', (_, ledger, changes) => {
    for (const source of ['sweep', 'event', 'person'] as const) {
      for (const isRosterThere of [true, false]) {
        const reading = readingOf(written(ledger, changes), EXAMPLE, {
          groups: theirs,
          source,
          isRosterThere,
        });
        expect(reading.kind).toBe('blocked');
      }
    }
  });

  test('is refused with the id and the field that names it, before anything of the group is used', () => {
    const reading = readingOf(written(taking(), sold(40)), EXAMPLE, { groups: theirs });
    expect(reading).toMatchObject(FOREIGN);
    const [problem] = reading.kind === 'blocked' ? reading.problems : [];
    expect(problem?.message).toBe(
      `Field dealseat_ledger names what belongs to another deal: group id ${stolen.group}`,
    );
  });

  test('is refused when the platform knows no such group', () => {
    expect(readingOf(written(taking(), sold(40)))).toMatchObject(FOREIGN);
  });

  test.each<[string, (token: string) => string, boolean]>([
    ['ends in the token', (token) => `acme-leadership-2026-11-20-${token}`, true],
    ['is the token', (token) => token, true],
    ['has the token in front', (token) => `${token}-acme-d0123456789abcde`, false],
    ['ends in more than the token', (token) => `acme-${token}x`, false],
    ['ends in the token without a hyphen', (token) => `acmex${token}`, false],
    ['is empty', () => '', false],
  ])('takes a group whose label %s for the deal’s own as it should', (_, labelOf, isOwn) => {
    const ledger = edited({});
    const groups = new Map<string, CodeGroup>(
      [...platformGroups(ledger)].map(([id, group]) => [
        id,
        { ...group, label: labelOf(ledger.groups[0]?.token ?? '') },
      ]),
    );
    expect(readingOf(written(ledger), EXAMPLE, { groups }).kind).toBe(isOwn ? 'same' : 'blocked');
  });

  test('is looked up on the platform even where nothing is to be done; one that we sealed is not', () => {
    const ledger = edited({});
    const needed = (of: Deal) =>
      factsNeeded(comparisonOf(of), { isRosterThere: true, isPreview: false }).groups;
    expect(needed(written(ledger))).toEqual([{ platform: 'ti', groupId: ledger.groups[0]?.group }]);
    expect(needed({ ...written(ledger), written: writtenBy(ledger, deal()) })).toEqual([]);
  });

  test('can be sealed by nobody but the deployment: the seal of one field does not fit another text', () => {
    const own = deal(sold(40));
    const { mac } = JSON.parse(writtenBy(edited({}), own).ledger ?? '');
    const forged = JSON.stringify({ ...JSON.parse(formatLedger(taking(), own, STRANGER)), mac });
    const reading = readingOf({ ...own, written: { ...writtenBy(taking(), own), ledger: forged } }, EXAMPLE, {
      groups: theirs,
    });
    expect(reading).toMatchObject(FOREIGN);
  });
});

describe('a ledger with links of somebody else’s page', () => {
  test.each([
    'https://evil.example/redeem/{code}',
    'https://learn.vendor.example.evil.example/{code}',
    'https://learn.vendor.example@evil.example/{code}',
    'https:\\\\evil.example\\{code}',
    'javascript:alert(1)//{code}',
    '{code}',
    '',
  ])('%s is refused: the page would be given a code of each learner', (redeemUrl) => {
    const ledger = edited({ redeemUrl });
    const reading = readingOf(written(ledger, sold(30)), EXAMPLE, around(ledger));
    expect(reading).toMatchObject(FOREIGN);
  });

  test('that we sealed ourselves is kept, though the catalog does not allow that page any more', () => {
    const ledger = edited({ redeemUrl: 'https://old.vendor.example/{code}' });
    const own = deal(sold(30));
    const plan = planOf({ ...own, written: writtenBy(ledger, own) });
    expect(plan.groups.map(({ redeemUrl }) => redeemUrl)).toEqual([
      'https://old.vendor.example/{code}',
      EXAMPLE.redeemUrl,
    ]);
  });
});

describe('a ledger with the roster of another deal', () => {
  const rosterOf = (ref: Partial<Deal>) => carriedOut(planOf(deal({ ...sold(), ...ref }))).roster;
  const withRoster = (roster: Ledger['roster']): Ledger => ({ ...edited({}), roster });

  test('is refused, so that nobody’s file is written over or deleted', () => {
    for (const changes of [sold(), sold(30), sold(20), { ...sold(), isWon: false }]) {
      const ledger = withRoster(victims.roster);
      const reading = readingOf(written(ledger, changes), EXAMPLE, around(ledger));
      expect(reading).toMatchObject(FOREIGN);
      expect(JSON.stringify(reading)).toContain(`roster ${victims.roster?.file}`);
    }
  });

  test('is refused where the own token is not at the end of the name', () => {
    const own = rosterOf({})?.file ?? '';
    const file = own.replace('.csv', `-${(victims.roster?.file ?? '').replace('roster-', '')}`);
    const ledger = withRoster({ file, codes: 1, sha256: 'a' });
    expect(readingOf(written(ledger), EXAMPLE, around(ledger))).toMatchObject(FOREIGN);
  });

  test('is the deal’s own whatever the customer was called when it was delivered', () => {
    const ledger = withRoster(rosterOf({ company: { id: '1', name: 'An earlier name', domain: null } }));
    const plan = planOf(written(ledger, sold(30)), EXAMPLE, around(ledger));
    expect(plan.rosterFileName).toMatch(/^roster-an-earlier-name-d[0-9a-f]{15}\.csv$/);
  });

  test('is the deal’s own when that other one was merged into it', () => {
    const ledger = withRoster(victims.roster);
    const merged = { mergedDealIds: [VICTIM.dealId] };
    expect(readingOf(written(ledger, merged), EXAMPLE, around(ledger)).kind).toBe('same');
  });
});

describe('a copy of a delivered deal', () => {
  const ledger = carriedOut(planOf(deal(sold())));
  /** Cloned in the CRM with all of its fields, the sealed ledger among them. */
  const copy = (changes: Partial<Deal> = {}) =>
    deal({ ...sold(), dealId: '9003', written: writtenBy(ledger, deal()), ...changes });

  test('is told to empty its fields, and gets nothing of the other deal', () => {
    for (const changes of [{}, sold(30), sold(20), { isWon: false }]) {
      const reading = readingOf(copy(changes), EXAMPLE, around(ledger));
      expect(reading).toMatchObject(FOREIGN);
      const [problem] = reading.kind === 'blocked' ? reading.problems : [];
      expect(problem?.message).toContain(`group ${ledger.groups[0]?.token}, roster ${ledger.roster?.file}`);
      expect(problem?.cure).toContain('Empty every Dealseat field');
    }
  });

  test('is told so too where the copy brought all but the ledger, which not everybody may see', () => {
    const { groups } = planOf(deal(sold()));
    const labels = groups.map(({ label }) => label);
    const shown = { ...UNWRITTEN, status: 'Delivered', groupIds: ['g'], groupLabels: labels, seats: SEATS };
    expect(readingOf(copy({ written: shown }))).toMatchObject(FOREIGN);
    expect(readingOf(copy({ written: shown, mergedDealIds: [deal().dealId] })).kind).toBe('same');
    expect(readingOf(deal({ ...sold(), written: shown })).kind).toBe('same');
  });

  test('gets groups of its own once they are empty', () => {
    const plan = planOf(deal({ ...sold(), dealId: '9003' }));
    expect(plan.groups.some(({ existing }) => existing)).toBe(false);
    expect(ledger.groups.map(({ token }) => token)).not.toContain(plan.groups[0]?.token);
    expect(plan.rosterFileName).not.toBe(ledger.roster?.file);
  });
});

describe('a ledger that an older key of the deployment sealed', () => {
  const ledger = carriedOut(planOf(deal(sold())));
  const own = deal({ ...sold(30), written: writtenBy(ledger, deal(), sealerOf(1)) });

  test('is believed while that key is configured', () => {
    expect(planOf(own, EXAMPLE, { sealer: sealerOf(2, 1) }).addedSeats).toBe(5);
  });

  test('is bound to the deal by its labels when that key is gone', () => {
    const sealer = sealerOf(2);
    expect(planOf(own, EXAMPLE, { sealer, ...around(ledger) }).addedSeats).toBe(5);
    expect(readingOf(own, EXAMPLE, { sealer })).toMatchObject(FOREIGN);
  });

  test('withdraws nothing of a group that is not the deal’s', () => {
    const less = { ...own, ...sold(20) };
    expect(withdrawalOf(less, EXAMPLE, { sealer: sealerOf(2, 1) }).withdrawnSeats).toBe(5);
    const foreign = new Map([...platformGroups(ledger)].map(([id, group]) => [id, { ...group, label: 'x' }]));
    expect(readingOf(less, EXAMPLE, { sealer: sealerOf(2), groups: foreign })).toMatchObject(FOREIGN);
  });
});
