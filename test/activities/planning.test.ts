import { afterEach, describe, expect, test } from '@jest/globals';
import { DEALS, failureOf, openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;

describe.each(CRMS)('planning a %s deal', (crm) => {
  const deal = DEALS[crm];

  test('gives the same plan each time it is read', async () => {
    world = await openWorld();
    expect(await world.plan(crm)).toEqual(await world.plan(crm));
  });

  test('asks the platform nothing while the deal is what it was, and plans again once it is not', async () => {
    world = await openWorld();
    const { hash, deal: read } = await world.readMore(deal);
    const asked = () => world.sandbox.exchanges.filter(({ system }) => system === 'ti').length;
    const before = asked();
    const again = await world.run('planDeal', { deal, source: 'event', seen: hash });
    expect(again).toEqual({ kind: 'unchanged', changedAt: read.changedAt, action: null });
    expect(asked()).toBe(before);
    const { hubspot, salesforce } = world.sandbox;
    if (crm === 'hubspot') hubspot.state.edit('deals', deal.dealId, { dealname: 'Another name' });
    else salesforce.state.updateOpportunity(deal.dealId, { Name: 'Another name' });
    expect(await world.run('planDeal', { deal, source: 'event', seen: hash })).toMatchObject({
      kind: 'more',
    });
  });

  test('is not woken by what a run itself shows on the deal', async () => {
    world = await openWorld();
    const { hash } = await world.readMore(deal);
    await world.prepare(crm);
    expect(await world.run('planDeal', { deal, source: 'event', seen: hash })).toMatchObject({
      kind: 'unchanged',
    });
  });

  test('tells for good that the deal does not exist', async () => {
    world = await openWorld();
    const dealId = crm === 'hubspot' ? '424242' : '0065Y00001ZZZZZQAA';
    const failure = await failureOf(world.run('planDeal', { deal: { ...deal, dealId }, source: 'event' }));
    expect(failure).toMatchObject({ code: 'crm.deal_not_found', nonRetryable: true });
  });
});

test('a deal of an account that this worker does not serve is an error of the set-up, and is tried again', async () => {
  world = await openWorld();
  const deal = { ...DEALS.hubspot, account: '1' };
  const outcome = world.run('planDeal', { deal, source: 'event' });
  await expect(outcome).rejects.toThrow('This worker serves hubspot account 62515, not 1');
  await expect(outcome).rejects.not.toHaveProperty('nonRetryable', true);
});
