import { afterEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import type { HandOverInput } from '../../src/contracts/activities.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { codesMade } from '../support/evidence.ts';
import { codesInFile, seenDeal } from './seen-deal.ts';
import { clearingLinks, DEALS, forLearners, openWorld, type SandboxCrm, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;

describe.each(CRMS)('the links of %s learners', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  test('go to each learner once a group, and the roster has what is left', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare(crm);
    await world.run('attachRoster', handOver);
    const written = deal().links();
    expect([...written.keys()].sort()).toEqual([...handOver.plan.learnerContactIds].sort());
    const lines = [...written.values()].flatMap((field) => field.split('\n'));
    expect(lines).toHaveLength(handOver.plan.groups.length * written.size);
    const spare = codesInFile(deal().files()[0]);
    const given = codesMade(world.sandbox).filter((code) =>
      handOver.plan.groups.some(({ redeemUrl }) => lines.includes(redeemLink(redeemUrl, code))),
    );
    expect([...given, ...spare].sort()).toEqual(codesMade(world.sandbox));
    expect(given).toHaveLength(lines.length);
  });

  test('stay the same when the step runs again', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare(crm);
    await world.run('attachRoster', handOver);
    const before = deal().links();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(deal().links()).toEqual(before);
  });
});

describe.each(CRMS)('a %s learner of two deals', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  test('has the links of both, also after each wrote over the other', async () => {
    world = await openWorld({ catalog: forLearners });
    const [first, second] = [await world.prepare(crm), await prepareSecond(crm)];
    await world.run('attachRoster', first);
    const ofFirst = deal().links();
    await world.run('attachRoster', second);
    const [contactId = ''] = second.plan.learnerContactIds;
    const both = deal().links().get(contactId) ?? '';
    expect(both.startsWith(`${ofFirst.get(contactId)}\n`)).toBe(true);
    expect(new Set(both.split('\n')).size).toBe(first.plan.groups.length + second.plan.groups.length);

    deal().setLink(contactId, ofFirst.get(contactId) ?? '');
    await world.run('attachRoster', second);
    expect(deal().links().get(contactId)).toBe(both);
  });

  test('keeps those of the one when the other is undone', async () => {
    world = await openWorld({ catalog: forLearners });
    const [first, second] = [await world.prepare(crm), await prepareSecond(crm)];
    await world.run('attachRoster', first);
    const ofFirst = deal().links();
    await world.run('attachRoster', second);
    await world.run('clearRedeemLinks', clearingLinks(second));
    expect(deal().links()).toEqual(ofFirst);
  });
});

/** Another deal of the same people. */
async function prepareSecond(crm: SandboxCrm): Promise<HandOverInput> {
  const dealId = crm === 'hubspot' ? secondDeal(world.sandbox) : secondOpportunity(world.sandbox);
  return world.prepareDeal({ ...DEALS[crm], dealId });
}

function secondDeal({ hubspot }: Sandbox): string {
  return hubspot.state.createDeal({
    companyId: '5001',
    lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }],
    contacts: [
      { id: '6001', labels: ['Buyer'] },
      { id: '6002', labels: ['Learner'] },
    ],
  });
}

function secondOpportunity({ salesforce: { state } }: Sandbox): string {
  const dealId = state.createOpportunity({
    name: 'Globex second academy',
    stageName: 'Closed Won',
    closeDate: new Date().toISOString().slice(0, 10),
    account: { name: 'Globex Inc' },
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
  });
  for (const role of state.rows('OpportunityContactRole')) {
    if (role.OpportunityId !== DEALS.salesforce.dealId) continue;
    const { ContactId = null, Role = null, IsPrimary = false } = role;
    state.records.insert('OpportunityContactRole', { OpportunityId: dealId, ContactId, Role, IsPrimary });
  }
  return dealId;
}
