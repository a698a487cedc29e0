import { describe, expect, test } from '@jest/globals';
import type { Catalog, GrantingProduct } from '../../src/domain/deal/catalog.ts';
import type { CrmName, Deal } from '../../src/domain/deal/deal.ts';
import { formatLedger, type Ledger } from '../../src/domain/deal/ledger.ts';
import { notedLedger } from '../../src/domain/planning/ledger-after.ts';
import { fewProblems, sizeProblems } from '../../src/domain/planning/limits.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import {
  BUYER,
  carriedOut,
  contact,
  deal,
  EXAMPLE,
  ensuredFor,
  FOR_LEARNERS,
  fewerOf,
  line,
  moreOf,
  planOf,
  readingOf,
  receiptFor,
  rulesFor,
  SEALER,
  sha256,
  writtenBy,
} from './example-deals.ts';

/** What the Temporal server takes for one value, and a run carries several together. */
const BLOB_BYTES = 2 * 1024 * 1024;

const [template] = EXAMPLE.products;
if (template === undefined || template.ignore) throw new Error('the example catalog has no product');
const PRODUCT: GrantingProduct = template;

function sku(index: number): string {
  return `PRODUCT-WITH-A-LONG-NAME-${String(index).padStart(4, '0')}`;
}

/** A catalog of so many products. */
function catalogOf(count: number, base = EXAMPLE): Catalog {
  const products = Array.from({ length: count }, (_, index) => ({
    ...PRODUCT,
    match: { sku: sku(index) },
    title: `${'Ein langer Titel für Führungskräfte '.repeat(3)}${index}`,
  }));
  return { ...base, products };
}

function selling(productCount: number, lineCount: number, quantity: number): Deal['lineItems'] {
  return Array.from({ length: lineCount }, (_, index) =>
    line(sku(index % productCount), quantity, { id: String(index) }),
  );
}

const learners = Array.from({ length: 1_000 }, (_, index) =>
  contact(`0035Y00003abc${String(index).padStart(5, '0')}`, { roles: ['Learner'] }),
);

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe.each(['hubspot', 'salesforce'])(
  'a deal of 40 products, 500 lines and 1,000 learners in %s',
  (crm) => {
    const large = deal({ crm, lineItems: selling(40, 500, 100), contacts: [BUYER, ...learners] });
    const catalog = { ...catalogOf(40, FOR_LEARNERS), approveAboveSeats: 1_000 };
    const { plan, question } = moreOf(large, catalog);

    test('is planned whole, and its plan is small enough to travel', () => {
      expect(plan).toMatchObject({
        seatCount: 50_000,
        groups: { length: 40 },
        learnerContactIds: { length: 1_000 },
      });
      expect(question?.kind).toBe('approval');
      expect(bytesOf({ plan, question, groups: ensuredFor(plan) })).toBeLessThan(BLOB_BYTES / 4);
    });

    test('fits with its ledger into the field of the CRM, whatever is decided about it later', () => {
      const { ledgerLength } = rulesFor(large).crm;
      const ledger = carriedOut(plan);
      const length = (of: Ledger) => formatLedger(of, large, SEALER).length;
      expect(length(ledger)).toBeLessThan(ledgerLength);
      if (question?.ifLeft) expect(length(question.ifLeft)).toBeLessThan(ledgerLength);
      const lost = { ...large, isWon: false, written: writtenBy(ledger, large) };
      const { withdrawal } = fewerOf(lost, catalog);
      for (const after of [withdrawal.ifKept, withdrawal.ifWithdrawn, withdrawal.ifInterrupted]) {
        expect(length(after)).toBeLessThan(ledgerLength);
      }
      expect(bytesOf(withdrawal)).toBeLessThan(BLOB_BYTES / 4);
    });
  },
);

describe.each(['hubspot', 'salesforce'])('the learners of a deal in %s', (crm) => {
  test('are named in its ledger, 2,000 of them', () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      contact(`0035Y00003${String(index * 7_919).padStart(8, 'a')}`, { roles: ['Learner'] }),
    );
    const sale = deal({ crm, lineItems: [line('LEAD-101', 2_000)], contacts: [BUYER, ...many] });
    const done = carriedOut(planOf(sale, FOR_LEARNERS));
    expect(done.learners).toHaveLength(2_000);
    const again = { ...sale, written: writtenBy(done, sale) };
    expect(readingOf(again, FOR_LEARNERS).kind).toBe('same');
  });
});

describe('decisions about seats in use', () => {
  /** Learners used their seats and left, and one other came. */
  const leftBy = (count: number, crm = 'salesforce') => {
    const many = Array.from({ length: count }, (_, index) =>
      contact(`0035Y00003${String(index * 7_919).padStart(8, 'a')}`, { roles: ['Learner'] }),
    );
    const sale = deal({ crm, lineItems: [line('LEAD-101', count)], contacts: [BUYER, ...many] });
    const ledger = carriedOut(planOf(sale, FOR_LEARNERS));
    const [group] = ledger.groups;
    const productKey = group?.product ?? '';
    const held = many.map(({ id: contactId }) => ({
      seatId: `seat-${contactId}`,
      contactId,
      productKey,
      token: group?.token ?? '',
      isRedeemed: true,
      isBusy: false,
      isGoing: false,
    }));
    const comer = contact('0035Y00003zzz00001', { roles: ['Learner'] });
    const now = { ...sale, contacts: [BUYER, comer], written: writtenBy(ledger, sale) };
    const seats = { free: new Map([[productKey, 0]]), coming: [], without: [], held };
    return readingOf(now, FOR_LEARNERS, { seats });
  };

  test('fit with the ledger into the field, whoever stays, and are not asked for where they do not', () => {
    const { ledgerLength } = rulesFor({ crm: 'salesforce' }).crm;
    for (const count of [1, 20, 800]) {
      const reading = leftBy(count);
      if (reading.kind !== 'swapping') throw new Error(JSON.stringify(reading));
      const { ifLeft } = reading.question;
      expect(ifLeft?.declined?.['0035Y00003zzz00001']).toHaveLength(count);
      if (ifLeft === null) throw new Error('expected a ledger');
      expect(formatLedger(ifLeft, deal({ crm: 'salesforce' }), SEALER).length).toBeLessThan(ledgerLength);
    }
    expect(leftBy(1_900)).toMatchObject({
      kind: 'blocked',
      problems: [
        { code: 'deal.too_large', message: expect.stringMatching(/^The decisions about 1 learner/) },
      ],
    });
  });

  test('have room in a ledger that is just small enough, about twenty learners', () => {
    const { ledgerLength } = rulesFor({ crm: 'salesforce' }).crm;
    let largest: Plan | null = null;
    // Alike in nothing, so that none is shortened by how others begin.
    const ids = Array.from({ length: 45 }, (_, index) => sha256(String(index)).slice(0, 18));
    const people = ids.slice(0, 25).map((id) => contact(id, { roles: ['Learner'] }));
    for (let low = 40, high = 300; low < high; ) {
      const count = Math.ceil((low + high) / 2);
      const sale = deal({
        crm: 'salesforce',
        lineItems: selling(count, count, 25),
        contacts: [BUYER, ...people],
      });
      const reading = readingOf(sale, catalogOf(count, FOR_LEARNERS));
      if (reading.kind === 'more') [largest, low] = [reading.plan, count];
      else high = count - 1;
    }
    if (largest === null) throw new Error('no plan fits');
    const noted = notedLedger(largest, ensuredFor(largest));
    const { wonAt } = largest;
    const fullest: Ledger = {
      ...noted,
      roster: { ...carriedOut(largest), ...receipt(largest) },
      groups: noted.groups.map((group) => ({ ...group, group: '6f1c2d3e-4b5a-4c6d-8e7f-901234567890' })),
      settled: Object.fromEntries(noted.groups.map(({ product }) => [product, { sold: 99_999, wonAt }])),
      stopped: { by: 'x'.repeat(200), wonAt },
      declined: Object.fromEntries(ids.slice(25).map((id) => [id, ids.slice(0, 20)])),
    };
    expect(formatLedger(fullest, largest.deal, SEALER).length).toBeLessThanOrEqual(ledgerLength);
  });
});

describe('a deal with more groups than the ledger field holds', () => {
  const blockedAt = (crm: CrmName, count: number) => {
    const reading = readingOf(deal({ crm, lineItems: selling(count, count, 1) }), catalogOf(count));
    return reading.kind === 'blocked' ? reading.problems : [];
  };

  test('is a problem of the deal, before anything is made', () => {
    const [problem, ...more] = blockedAt('salesforce', 300);
    expect(problem).toMatchObject({ code: 'deal.too_large' });
    expect(problem?.message).toMatch(
      /^The 300 code groups of the deal need \d+,\d{3} characters in field Dealseat_Ledger__c, which takes 32,768$/,
    );
    expect(more).toEqual([]);
    expect(blockedAt('hubspot', 600)).toMatchObject([{ code: 'deal.too_large' }]);
  });

  test('is told by the field of its own CRM', () => {
    expect(blockedAt('hubspot', 180)).toEqual([]);
    expect(blockedAt('salesforce', 180)).not.toEqual([]);
  });

  test('that is just small enough has room for a decision about every product, and for a stop', () => {
    for (const crm of ['hubspot', 'salesforce']) {
      const { ledgerLength } = rulesFor({ crm }).crm;
      let largest: Plan | null = null;
      for (let low = 1, high = 600; low < high; ) {
        const count = Math.ceil((low + high) / 2);
        const reading = readingOf(deal({ crm, lineItems: selling(count, count, 1) }), catalogOf(count));
        if (reading.kind === 'more') [largest, low] = [reading.plan, count];
        else high = count - 1;
      }
      if (largest === null) throw new Error('no plan fits');
      const noted = notedLedger(largest, ensuredFor(largest));
      const { wonAt } = largest;
      const fullest: Ledger = {
        ...noted,
        roster: { ...carriedOut(largest), ...receipt(largest) },
        // Ids of the platform are UUIDs.
        groups: noted.groups.map((group) => ({ ...group, group: '6f1c2d3e-4b5a-4c6d-8e7f-901234567890' })),
        settled: Object.fromEntries(noted.groups.map(({ product }) => [product, { sold: 99_999, wonAt }])),
        stopped: { by: 'x'.repeat(200), wonAt },
      };
      expect(formatLedger(fullest, largest.deal, SEALER).length).toBeLessThanOrEqual(ledgerLength);
    }
  });

  test('was raised so often that the next part does not fit any more, is told so, and keeps what it has', () => {
    let ledger: Ledger | null = null;
    let sale = deal({ crm: 'salesforce' });
    for (let seats = 1; seats < 400; seats += 1) {
      const changes = { crm: 'salesforce', lineItems: [line('LEAD-101', seats)] };
      sale = deal(ledger === null ? changes : { ...changes, written: writtenBy(ledger, sale) });
      const reading = readingOf(sale);
      if (reading.kind === 'blocked') {
        expect(reading.problems).toMatchObject([{ code: 'deal.too_large' }]);
        const { ledgerLength } = rulesFor(sale).crm;
        expect(formatLedger(ledger ?? carriedOut(planOf(deal())), sale, SEALER).length).toBeLessThan(
          ledgerLength,
        );
        expect(seats).toBeGreaterThan(100);
        return;
      }
      if (reading.kind !== 'more') throw new Error(`expected a plan, found ${reading.kind}`);
      ledger = carriedOut(reading.plan);
    }
    throw new Error('expected that some part does not fit');
  });
});

function receipt(plan: Plan) {
  const { fileName: file } = receiptFor(plan);
  return { file, codes: 99_999, sha256: 'a'.repeat(64) };
}

describe('a deal with more people than a plan can carry', () => {
  const crowd = Array.from({ length: 12_000 }, (_, index) =>
    contact(`0035Y00003abc${String(index).padStart(5, '0')}`, { roles: ['Learner'] }),
  );

  test('is a problem of the deal', () => {
    const reading = readingOf(
      deal({ lineItems: [line('LEAD-101', 20_000)], contacts: [BUYER, ...crowd] }),
      FOR_LEARNERS,
    );
    const tooLarge = { code: 'deal.too_large' };
    expect(reading).toMatchObject({ kind: 'blocked', problems: [tooLarge, tooLarge] });
    expect(JSON.stringify(reading)).toMatch(/2 code groups and 12,001 contacts/);
  });

  test('is none for a plan that fits', () => {
    const plan = planOf(deal());
    expect(sizeProblems(plan, rulesFor(deal()))).toEqual([]);
  });
});

describe('a deal with 400 things wrong', () => {
  const lines = (name: string) =>
    Array.from({ length: 400 }, (_, index) => line(`NOPE-${index}`, 1, { id: String(index), name }));

  test('tells the first of them and how many more there are', () => {
    const reading = readingOf(deal({ lineItems: lines('x') }));
    const problems = reading.kind === 'blocked' ? reading.problems : [];
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toMatchObject({
      code: 'catalog.product_unmapped',
      message: '300 more problems will show once these are fixed',
    });
    expect(fewProblems(problems.slice(0, 100))).toEqual(problems.slice(0, 100));
  });

  test('is told in a value that the server takes, however long the names of its lines are', () => {
    const reading = readingOf(deal({ lineItems: lines('Ω'.repeat(60_000)) }));
    expect(reading.kind).toBe('blocked');
    expect(bytesOf(reading)).toBeLessThan(BLOB_BYTES / 4);
    const [first] = reading.kind === 'blocked' ? reading.problems : [];
    expect(first?.message).toMatch(/^Line item "Ω+…/);
  });
});
