import { afterEach, describe, expect, test } from '@jest/globals';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { DEALS, ensuring, failureOf, openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const NOTICE = { key: 'attention-1', subject: 'Please help', text: 'line one\nline two' };
const OWNER: Record<CrmName, string | null> = { hubspot: '8001', salesforce: null };

/** A Dealseat field of the deal, under its short name. */
function field(crm: CrmName, name: string): unknown {
  const { hubspot, salesforce } = world.sandbox;
  const { dealId } = DEALS[crm];
  if (crm === 'hubspot') return hubspot.state.valuesOf('deals', dealId)[`dealseat_${name}`] ?? null;
  const row = salesforce.state.opportunity(dealId);
  return Object.entries(row).find(([key]) => key.toLowerCase() === `dealseat_${name}__c`)?.[1] ?? null;
}

function tasks(crm: CrmName): string[] {
  const { hubspot, salesforce } = world.sandbox;
  const { dealId } = DEALS[crm];
  if (crm === 'salesforce') return salesforce.state.rows('Task').map((row) => String(row.Subject));
  const found = hubspot.state.engagementsOf('tasks', { object: 'deals', id: dealId });
  return found.map(({ properties }) => properties.hs_task_subject ?? '');
}

function notify(crm: CrmName, changes: Partial<typeof NOTICE> = {}) {
  return world.run('notifyOwner', { deal: DEALS[crm], ownerId: OWNER[crm], ...NOTICE, ...changes });
}

describe.each(CRMS)('the status on a %s deal', (crm) => {
  test('is written with what is known, and the link to the run', async () => {
    world = await openWorld();
    await world.run('writeDealStatus', {
      deal: DEALS[crm],
      status: 'Delivered',
      detail: 'all done',
      seatCount: 20,
      groupLabels: ['label-a', 'label-b'],
      groupIds: ['id-a', 'id-b'],
      rosterUrl: 'https://crm.example/file',
    });
    const names = ['status', 'detail', 'seats', 'group_label', 'group_id', 'roster_file'];
    expect(names.map((name) => String(field(crm, name)))).toEqual([
      'Delivered',
      'all done',
      '20',
      'label-a, label-b',
      'id-a, id-b',
      'https://crm.example/file',
    ]);
    expect(field(crm, 'run')).toMatch(/^https:\/\/temporal\.example\//);
  });

  test('leaves alone what it does not name, and empties what is null', async () => {
    world = await openWorld();
    const deal = DEALS[crm];
    await world.run('writeDealStatus', {
      deal,
      status: 'Delivered',
      detail: 'x',
      seatCount: 20,
      rosterUrl: 'https://x.example',
    });
    await world.run('writeDealStatus', { deal, status: 'Failed', detail: 'y', rosterUrl: null });
    expect(String(field(crm, 'seats'))).toBe('20');
    expect(field(crm, 'roster_file') || null).toBeNull();
  });

  test('names a field that the CRM does not have', async () => {
    world = await openWorld({
      sandbox: { hubspot: { withDealseatProperties: false }, salesforce: { withDealseatFields: false } },
    });
    const failure = await failureOf(
      world.run('writeDealStatus', { deal: DEALS[crm], status: 'Planning', detail: '' }),
    );
    expect(failure).toMatchObject({ code: 'crm.field_missing', nonRetryable: true });
    expect(failure.message).toMatch(/dealseat_/i);
  });
});

describe.each(CRMS)('a notice to the owner of a %s deal', (crm) => {
  test('becomes one task, however often it is told', async () => {
    world = await openWorld();
    await notify(crm);
    await notify(crm);
    expect(tasks(crm)).toEqual(['Please help']);
  });

  test('of another key becomes another task', async () => {
    world = await openWorld();
    await notify(crm);
    await notify(crm, { key: 'attention-2', subject: 'Something else' });
    expect(tasks(crm).sort()).toEqual(['Please help', 'Something else']);
  });

  test('becomes one task when the answer was lost', async () => {
    world = await openWorld();
    const create = crm === 'hubspot' ? /\/tasks$/ : /\/sobjects\/Task|\/composite/;
    world.fail({ system: crm, method: 'POST', path: create, kind: 'dropAfterCommit' });
    await notify(crm).catch(() => undefined);
    await notify(crm);
    expect(world.sandbox.faults.hits).toHaveLength(1);
    expect(tasks(crm)).toEqual(['Please help']);
  });
});

describe.each(CRMS)('the quarantine of a group of a %s deal', (crm) => {
  test('puts the exact label and id on one task, however often it runs', async () => {
    world = await openWorld();
    const { plan, groups } = await world.prepare(crm);
    const [group] = plan.groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    const undo = { deal: DEALS[crm], ownerId: plan.ownerId, group };
    const first = await world.run('quarantineCodeGroup', undo);
    expect(first.quarantined).toEqual([`${groups[0]?.label} (${groups[0]?.groupId})`]);
    expect(await world.run('quarantineCodeGroup', undo)).toEqual(first);
    expect(tasks(crm)).toHaveLength(1);
  });

  test('of a group that was never made does nothing', async () => {
    world = await openWorld();
    const plan = await world.plan(crm);
    const [group] = plan.groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    const undo = { deal: DEALS[crm], ownerId: plan.ownerId, group };
    expect(await world.run('quarantineCodeGroup', undo)).toEqual({ quarantined: [] });
    expect(tasks(crm)).toEqual([]);
  });

  test('leaves the group to the next run, which takes it up again', async () => {
    world = await openWorld();
    const { plan } = await world.prepare(crm);
    const [group] = plan.groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    await world.run('quarantineCodeGroup', { deal: DEALS[crm], ownerId: plan.ownerId, group });
    const again = await world.run('ensureCodeGroup', ensuring(plan, group));
    expect(again.wasAdopted).toBe(true);
    expect(world.sandbox.ti.state.groups).toHaveLength(plan.groups.length);
  });
});

describe('planning', () => {
  test.each(CRMS)('a seeded %s deal gives the same plan each time it is read', async (crm) => {
    world = await openWorld();
    expect(await world.plan(crm)).toEqual(await world.plan(crm));
  });

  test.each(CRMS)('a %s deal that does not exist is told so, for good', async (crm) => {
    world = await openWorld();
    const dealId = crm === 'hubspot' ? '424242' : '0065Y00001ZZZZZQAA';
    const failure = await failureOf(world.run('planDeal', { deal: { ...DEALS[crm], dealId } }));
    expect(failure).toMatchObject({ code: 'crm.deal_not_found', nonRetryable: true });
  });

  test('a deal of an account that this worker does not serve is an error of the set-up, and is tried again', async () => {
    world = await openWorld();
    const outcome = world.run('planDeal', { deal: { ...DEALS.hubspot, account: '1' } });
    await expect(outcome).rejects.toThrow('This worker serves hubspot account 62515, not 1');
    await expect(outcome).rejects.not.toHaveProperty('nonRetryable', true);
  });
});

describe('a HubSpot deal that was merged into another one', () => {
  const deal = DEALS.hubspot;
  const claimed = { seenClaim: null, claim: { settleMs: 1, leaseMs: 60_000 } };

  async function survivor(): Promise<string> {
    world = await openWorld();
    const { state } = world.sandbox.hubspot;
    const dealId = state.createDeal({ name: 'The surviving deal' });
    state.merge('deals', dealId, deal.dealId);
    return dealId;
  }

  test.each<[string, () => Promise<unknown>]>([
    ['status', () => world.run('writeDealStatus', { deal, status: 'Failed', detail: 'gone wrong' })],
    ['claim', () => world.run('isClaimedElsewhere', { deal, ...claimed })],
    [
      'status under the claim',
      () => world.run('writeDealStatus', { deal, status: 'Delivered', detail: 'done', underClaim: claimed }),
    ],
  ])('has its %s neither written on nor read from the surviving one', async (_, act) => {
    const dealId = await survivor();
    const failure = await failureOf(act());
    expect(failure).toMatchObject({
      code: 'deal.merged',
      message: `Deal ${deal.dealId} was merged into deal ${dealId}.`,
      nonRetryable: true,
    });
    const values = world.sandbox.hubspot.state.valuesOf('deals', dealId);
    expect(Object.keys(values).filter((name) => name.startsWith('dealseat_'))).toEqual([]);
  });
});
