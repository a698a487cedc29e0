import { describe, expect, test } from '@jest/globals';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { describeWrites } from '../../src/domain/planning/describe.ts';
import { toPreview } from '../../src/runs/preview.ts';
import {
  carriedOut,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  fewerOf,
  line,
  mailingBy,
  moreOf,
  planOf,
  readingOf,
  TOOLS,
  writtenBy,
} from './example-deals.ts';

const TWO_PRODUCTS = deal({ lineItems: [line('LEAD-101', 25), line('TRACK-MGR', 8)] });

function callsOf(of: Deal, catalog = EXAMPLE): string[] {
  return describeWrites(moreOf(of, catalog), of.crm === 'hubspot' ? 'HubSpot' : 'Salesforce');
}

function previewOf(of: Deal, catalog = EXAMPLE) {
  return toPreview(of, readingOf(of, catalog), 'HubSpot');
}

describe('the calls of a dry run', () => {
  test('are every call that would change something, in the order of the run', () => {
    const plan = planOf(TWO_PRODUCTS);
    const labels = plan.groups.map(({ label }) => label);
    expect(callsOf(TWO_PRODUCTS)).toEqual([
      'HubSpot: set the status of deal 9001 to Provisioning',
      `Thought Industries: create group ${labels[0]} with 25 codes, unless it exists`,
      `Thought Industries: create group ${labels[1]} with 8 codes, unless it exists`,
      `HubSpot: attach the private file ${plan.rosterFileName} to the deal`,
      'HubSpot: send transactional e-mail 1234567 for buyer contact 6001',
      'HubSpot: mark the deal as Delivered with 33 seats',
      'HubSpot: create a task for the owner 8001, unless the note with the roster says all of it',
    ]);
  });

  test.each([
    ['5,000 seats', 5_000, true],
    ['more than 5,000 seats, of which none is made', 5_001, false],
  ])('name the workbook of %s or not', (_, seats, isNamed) => {
    const catalog = { ...EXAMPLE, handOver: { ...EXAMPLE.handOver, workbook: true } };
    const sold = deal({ lineItems: [line('LEAD-101', seats)] });
    expect(callsOf(sold, catalog).join('\n').includes('.xlsx')).toBe(isNamed);
  });

  test('begin with the approval that all of them wait for', () => {
    const calls = callsOf(TWO_PRODUCTS, { ...EXAMPLE, approveAboveSeats: 32 });
    expect(calls[0]).toBe(
      'HubSpot: say on the deal that 33 seats need approval, and wait for `dealseat approve hubspot 9001` before all that follows',
    );
    expect(calls.slice(1)).toEqual(callsOf(TWO_PRODUCTS));
  });

  test('name the links and messages of learners', () => {
    const calls = callsOf(deal(), FOR_LEARNERS);
    expect(calls).toContain('HubSpot: write a redeem link to 2 learner contacts');
    expect(calls).toContain('HubSpot: send transactional e-mail 1234567 for learner contact 6002');
  });

  test('speak of one seat, one code and one learner as people do', () => {
    const single = deal({ lineItems: [line('LEAD-101', 1)], contacts: deal().contacts.slice(0, 2) });
    const calls = callsOf(single, { ...FOR_LEARNERS, approveAboveSeats: 0 }).join('\n');
    expect(calls).toContain('1 seat needs approval');
    expect(calls).toContain('with 1 code, unless');
    expect(calls).toContain('a redeem link to 1 learner contact\n');
    expect(calls).toContain('as Delivered with 1 seat\n');
    const delivered = { ...UNWRITTEN, status: 'Delivered', seats: 1 };
    expect(readingOf(deal({ lineItems: [line('LEAD-101', 2)], written: delivered }))).toMatchObject({
      problems: [{ message: expect.stringMatching(/^1 seat was delivered, 2 are sold now/) }],
    });
  });

  test('name the Panorama client', () => {
    const partners = [
      { match: { company: 'Acme Corp' }, label: 'acme', client: 'client-1', redeemUrl: null },
    ];
    const [, create] = callsOf(deal(), { ...EXAMPLE, partners });
    expect(create).toContain(' for client client-1,');
  });

  test.each([
    [TOOLS.sequence, 'enrol in sequence 3001'],
    [TOOLS.list, 'add to list 2001'],
  ])('name the e-mail tool of the catalog: %s', (hubspot, words) => {
    expect(callsOf(deal(), mailingBy({ hubspot })).join('\n')).toContain(words);
  });

  test('speak of Salesforce for a Salesforce deal, and of a note where nobody owns it', () => {
    const calls = callsOf(deal({ crm: 'salesforce', owner: null }));
    expect(calls).toContain('Salesforce: send an e-mail with the roster attached for buyer contact 6001');
    expect(calls.at(-1)).toBe(
      'Salesforce: create a task for the owner (none; a note instead), unless the note with the roster says all of it',
    );
    expect(calls.join()).not.toContain('HubSpot');
  });
});

describe('the preview of a deal', () => {
  test('of a plan has its hash, its groups and its calls', () => {
    expect(previewOf(TWO_PRODUCTS)).toMatchObject({
      id: 'provision:hubspot:62515:9001',
      hash: planOf(TWO_PRODUCTS).hash,
      seats: 33,
      needsApproval: false,
      groups: [
        { title: 'Leadership Essentials', seats: 25, access: '365 days from redemption' },
        { seats: 8 },
      ],
      problems: [],
      calls: callsOf(TWO_PRODUCTS),
      skipped: null,
    });
  });

  test('of a plan that a person must approve says so', () => {
    const asking = { ...EXAMPLE, approveAboveSeats: 32 };
    expect(previewOf(TWO_PRODUCTS, asking)).toMatchObject({
      needsApproval: true,
      hash: planOf(TWO_PRODUCTS).hash,
    });
  });

  test('of a deal that sells less than was delivered says what a person would be asked', () => {
    const delivered = writtenBy(carriedOut(planOf(deal())), deal());
    const less = deal({ lineItems: [line('LEAD-101', 20)], written: delivered });
    expect(previewOf(less)).toMatchObject({
      problems: fewerOf(less).question.problems,
      hash: null,
      calls: [],
    });
  });

  test('of a blocked deal has all problems and no hash that could be run', () => {
    const broken = deal({ lineItems: [line('NOPE', 1)], contacts: [] });
    const preview = previewOf(broken);
    expect(preview.problems.map(({ code }) => code)).toEqual([
      'catalog.product_unmapped',
      'deal.buyer_missing',
    ]);
    expect(preview).toMatchObject({ hash: null, seats: 0, calls: [], skipped: null });
  });

  test.each([
    ['is not won', deal({ isWon: false }), /not a won stage/],
    [
      'was delivered',
      deal({ written: { ...UNWRITTEN, status: 'Delivered', seats: 25 } }),
      /delivered by an earlier run/,
    ],
  ])('of a deal that %s says why nothing would be done', (_, of, reason) => {
    const preview = previewOf(of);
    expect(preview.skipped).toMatch(reason);
    expect(preview).toMatchObject({ hash: null, calls: [], problems: [] });
  });
});
