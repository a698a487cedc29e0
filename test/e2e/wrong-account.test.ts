import { afterEach, expect, test } from '@jest/globals';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

test('a worker with the token of another portal does not start, and asks that portal for nothing else', async () => {
  world = await openServiceWorld();
  const { HUBSPOT_PORTAL_ID: own = '' } = world.env;
  await expect(world.startWorker({ HUBSPOT_PORTAL_ID: '424242' })).rejects.toMatchObject({
    code: 'crm.account_mismatch',
    message: `HubSpot: the token belongs to portal ${own}, but HUBSPOT_PORTAL_ID is 424242.`,
  });
  const asked = world.sandbox.exchanges.filter(({ system }) => system === 'hubspot').map(({ path }) => path);
  expect(asked).toEqual(['/account-info/v3/details']);
});
