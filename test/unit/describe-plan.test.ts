import { describe, expect, test } from '@jest/globals';
import { describeWrites } from '../../src/domain/planning/describe.ts';
import { toPreview } from '../../src/runs/preview.ts';
import { deal, EXAMPLE, FOR_LEARNERS, line, planOf, readyPlan } from './example-deals.ts';

const TWO_PRODUCTS = deal({ lineItems: [line('LEAD-101', 25), line('TRACK-MGR', 8)] });

describe('the calls of a dry run', () => {
  test('are every call that would change something, in the order of the run', () => {
    const plan = readyPlan(TWO_PRODUCTS);
    const labels = plan.groups.map(({ label }) => label);
    expect(describeWrites(plan)).toEqual([
      'HubSpot: set the status of deal 9001 to Provisioning',
      `Thought Industries: create group ${labels[0]} with 25 codes, unless it exists`,
      `Thought Industries: create group ${labels[1]} with 8 codes, unless it exists`,
      `HubSpot: attach the private file ${plan.rosterFileName} to the deal`,
      'HubSpot: send transactional e-mail 1234567 for buyer contact 6001',
      'HubSpot: mark the deal as Delivered with 33 seats',
      'HubSpot: create a task for the owner 8001',
    ]);
  });

  test('begin with the approval that all of them wait for', () => {
    const calls = describeWrites(readyPlan(TWO_PRODUCTS, { ...EXAMPLE, approveAboveSeats: 32 }));
    expect(calls[0]).toBe(
      'HubSpot: say on the deal that 33 seats need approval, and wait for `dealseat approve hubspot 9001` before all that follows',
    );
    expect(calls.slice(1)).toEqual(describeWrites(readyPlan(TWO_PRODUCTS)));
  });

  test('name the links and messages of learners', () => {
    const calls = describeWrites(readyPlan(deal(), FOR_LEARNERS));
    expect(calls).toContain('HubSpot: write a redeem link to 2 learner contacts');
    expect(calls).toContain('HubSpot: send transactional e-mail 1234567 for learner contact 6002');
  });

  test('name the Panorama client', () => {
    const partners = [
      { match: { company: 'Acme Corp' }, label: 'acme', client: 'client-1', redeemUrl: null },
    ];
    const [, create] = describeWrites(readyPlan(deal(), { ...EXAMPLE, partners }));
    expect(create).toContain(' for client client-1,');
  });

  test.each([
    [
      { via: 'sequence', sequenceId: '3001', userId: '1', senderEmail: 'a@b.example' } as const,
      'enrol in sequence 3001',
    ],
    [{ via: 'list', listId: '2001' } as const, 'add to list 2001'],
  ])('name the e-mail tool of the catalog: %j', (hubspot, words) => {
    const catalog = { ...EXAMPLE, handOver: { ...EXAMPLE.handOver, hubspot } };
    expect(describeWrites(readyPlan(deal(), catalog)).join('\n')).toContain(words);
  });

  test('speak of Salesforce for a Salesforce deal, and of a note where nobody owns it', () => {
    const calls = describeWrites(readyPlan(deal({ crm: 'salesforce', owner: null })));
    expect(calls).toContain('Salesforce: send an e-mail with the roster attached for buyer contact 6001');
    expect(calls.at(-1)).toBe('Salesforce: create a task for the owner (none; a note instead)');
    expect(calls.join()).not.toContain('HubSpot');
  });
});

describe('the preview of a deal', () => {
  test('of a plan has its hash, its groups and its calls', () => {
    const plan = readyPlan(TWO_PRODUCTS);
    expect(toPreview(TWO_PRODUCTS, planOf(TWO_PRODUCTS))).toMatchObject({
      id: 'provision:hubspot:62515:9001',
      hash: plan.hash,
      seats: 33,
      needsApproval: false,
      groups: [
        { title: 'Leadership Essentials', seats: 25, access: '365 days from redemption' },
        { seats: 8 },
      ],
      problems: [],
      calls: describeWrites(plan),
      skipped: null,
    });
  });

  test('of a plan that a person must approve says so', () => {
    const outcome = planOf(TWO_PRODUCTS, { ...EXAMPLE, approveAboveSeats: 32 });
    expect(toPreview(TWO_PRODUCTS, outcome).needsApproval).toBe(true);
  });

  test('of a blocked deal has all problems and no hash that could be run', () => {
    const broken = deal({ lineItems: [line('NOPE', 1)], contacts: [] });
    const preview = toPreview(broken, planOf(broken));
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
      deal({ mark: { status: 'Delivered', groupIds: [], groupLabels: [], seatCount: 25, ledger: null } }),
      /delivered by an earlier run/,
    ],
  ])('of a deal that %s says why nothing would be done', (_, of, reason) => {
    const preview = toPreview(of, planOf(of));
    expect(preview.skipped).toMatch(reason);
    expect(preview).toMatchObject({ hash: null, calls: [], problems: [] });
  });
});
