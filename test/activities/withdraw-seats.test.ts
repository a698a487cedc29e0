import { afterEach, expect, test } from '@jest/globals';
import { LIST } from '../clients/hubspot-mail-tools.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import { seenDeal } from './seen-deal.ts';
import { failureOf, openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

test('a learner who lost the last link is taken off the list, also when that failed at first', async () => {
  world = await openWorld({
    catalog: (example) => ({
      ...example,
      handOver: { ...example.handOver, to: 'learners', tools: { hubspot: LIST } },
    }),
  });
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
  const { members } = world.sandbox.hubspot.state.lists.get('2001');
  expect([...members.keys()]).toEqual(input.plan.learnerContactIds);
  const one = withdrawalOfOneSeat(input.plan, input.groups);
  const withdrawal = { ...one, groups: one.groups.map((group) => ({ ...group, seatCount: 0 })) };
  const { deal, hold } = input;
  world.fail({ system: 'hubspot', path: /memberships\/remove$/, kind: 'dropBefore' });
  await failureOf(world.run('withdrawSeats', { deal, hold, withdrawal }));
  await world.run('withdrawSeats', { deal, hold, withdrawal }, { attempt: 2 });
  expect([...members.keys()]).toEqual([]);
  expect(seenDeal(world.sandbox, 'hubspot').links().size).toBe(0);
});
