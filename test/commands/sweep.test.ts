import { afterEach, expect, test } from '@jest/globals';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { dealseat, PATIENT } from './dealseat.ts';

const SLOW = 360_000;

let world: ServiceWorld;

afterEach(() => world.close());

test(
  'sweep --now starts what was missed, in every CRM that is configured, and shows the counts',
  async () => {
    world = await openServiceWorld();
    await world.startWorker();
    const ref = world.ref('hubspot', world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL));
    const { exitCode, stdout } = await dealseat(world.env, ['sweep', '--now', '--json'], PATIENT);
    expect(exitCode).toBe(0);
    const [hubspot, salesforce, ...others] = JSON.parse(stdout);
    expect(others).toEqual([]);
    expect(hubspot).toMatchObject({ id: `sweep:hubspot:${ref.account}`, state: 'active' });
    expect(salesforce).toMatchObject({ crm: 'salesforce', last: { status: 'COMPLETED' } });
    // The first sweep of the schedule may have been the one that found it.
    expect(await world.runs.result(provisioningId(ref))).toMatchObject({ status: 'Delivered' });
    const table = await dealseat(world.env, ['sweep'], PATIENT);
    expect(table.stdout).toMatch(new RegExp(`^sweep:hubspot:${ref.account} +active `, 'm'));
  },
  SLOW,
);

test('sweep says with exit code 3 that no worker has made the schedules yet', async () => {
  world = await openServiceWorld();
  const { exitCode, stdout } = await dealseat(world.env, ['sweep', '--now'], PATIENT);
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^sweep:salesforce:\w+ +missing: start a worker/m);
});
