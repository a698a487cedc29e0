import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, jest } from '@jest/globals';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { createFakeActivities, type FakeOptions, fakeDeal } from './fake-activities.ts';
import { openRigWorld, type RigWorld, type SentAlert } from './rig-world.ts';
import { type SandboxTenant, type SandboxTenantOptions, startSandboxTenant } from './sandbox-tenant.ts';
import { serverAddress } from './server.ts';
import { createTenant, newPortalId, type Tenant, type TenantDeps } from './tenant.ts';
import { WAIT_MS } from './until.ts';

/**
 * One real worker on the real Temporal server for all tests of a file. Every test works in a tenant of its own: its
 * own CRM accounts, and so its own workflow ids, which is also how the worker finds the activities of that test.
 * What a test did is replayed with the code of now when it ends.
 */
export interface Rig {
  /** How often those who run Dealseat were alarmed that nobody could be told, by any test of the file. */
  untold(): number;
  /** From now on the operators of this account are alerted: what they are sent. */
  alertsOf(account: string): readonly SentAlert[];
  /** Real activities and client libraries on a sandbox of the test's own. */
  withSandbox(test: (tenant: SandboxTenant) => Promise<void>): Promise<void>;
  withSandbox(options: SandboxTenantOptions, test: (tenant: SandboxTenant) => Promise<void>): Promise<void>;
  /** Activities that only remember what they were asked, each as the test overrides it. */
  withFakes(options: FakeOptions, test: (tenant: FakeTenant) => Promise<void>): Promise<void>;
}

export interface FakeTenant extends Tenant {
  /** Every activity attempt, in the order in which the worker ran them. */
  readonly calls: readonly { readonly activity: keyof ProvisioningActivities; readonly input: unknown }[];
  readonly deal: DealRef;
  /** Another deal of the same account has another id. */
  start(dealId?: string): Promise<string>;
}

interface RigOptions {
  /** False: the tests start worker processes of their own. Default true. */
  readonly runsWorker?: boolean;
}

/** Registers the hooks of the file; call it once, at its top. */
export function openRig({ runsWorker = true }: RigOptions = {}): Rig {
  // Above every wait of the tenant, whose errors say what was missing.
  jest.setTimeout(WAIT_MS + 60_000);
  let world: RigWorld | undefined;
  beforeAll(async () => {
    world = await openRigWorld(serverAddress(), { runsWorker });
  });
  afterAll(() => world?.close());

  const depsOfTest = (): TenantDeps => {
    if (world === undefined) throw new Error('The rig is used before its hooks have run');
    // Workers that are killed must not take tasks of another test with them.
    return runsWorker ? world.deps : { ...world.deps, taskQueue: `test-${randomUUID()}` };
  };

  return {
    untold: () => world?.untold() ?? 0,
    alertsOf: (account) => world?.alertsOf(account) ?? [],

    async withSandbox(
      ...args:
        | [(tenant: SandboxTenant) => Promise<void>]
        | [SandboxTenantOptions, (tenant: SandboxTenant) => Promise<void>]
    ) {
      const [options, test] = args.length === 2 ? args : [{}, args[0]];
      await use(await startSandboxTenant(depsOfTest(), options), test);
    },

    async withFakes(options, test) {
      const portalId = newPortalId();
      const { activities, calls } = createFakeActivities(options);
      const accounts = {
        [portalId]: { ...activities, probeSystem: options.probe ?? (async () => undefined) },
      };
      const tenant = createTenant(depsOfTest(), { accounts, policy: options.policy });
      const deal = { ...fakeDeal, account: portalId };
      await use(
        { ...tenant, calls, deal, start: (dealId = deal.dealId) => tenant.provision({ ...deal, dealId }) },
        test,
      );
    },
  };
}

/** A failed test keeps its own error; a test that passed must also replay. */
async function use<T extends Tenant>(tenant: T, test: (tenant: T) => Promise<void>): Promise<void> {
  try {
    await test(tenant);
    await tenant.replayAll();
  } finally {
    await tenant.close();
  }
}
