import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { ProvisioningActivities } from '../../src/domain/activities.ts';
import { createLogger } from '../../src/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { createFakeActivities, type FakeOptions, fakeDeal } from './fake-activities.ts';
import { routeByAccount } from './route-by-account.ts';
import { type SandboxTenant, type SandboxTenantOptions, startSandboxTenant } from './sandbox-tenant.ts';
import { createTenant, newPortalId, type Tenant, type TenantDeps } from './tenant.ts';
import { workflowBundle } from './workflow-bundle.ts';

/**
 * One real worker on the real Temporal server for all tests of a file. Every test works in a tenant of its own: its
 * own CRM accounts, and so its own workflow ids, which is also how the worker finds the activities of that test.
 */
export interface Rig {
  /** Real activities and client libraries on a sandbox of the test's own. */
  withSandbox(test: (tenant: SandboxTenant) => Promise<void>): Promise<void>;
  withSandbox(options: SandboxTenantOptions, test: (tenant: SandboxTenant) => Promise<void>): Promise<void>;
  /** Activities that only remember what they were asked, each as the test overrides it. */
  withFakes(options: FakeOptions, test: (tenant: FakeTenant) => Promise<void>): Promise<void>;
}

export interface FakeTenant extends Tenant {
  /** Every activity attempt, in the order in which the worker ran them. */
  readonly calls: readonly { readonly activity: keyof ProvisioningActivities; readonly input: unknown }[];
  start(): Promise<string>;
}

interface RigOptions {
  /** False: the tests start worker processes of their own. Default true. */
  readonly runsWorker?: boolean;
}

/** Registers the hooks of the file; call it once, at its top. */
export function openRig(options: RigOptions = {}): Rig {
  const taskQueue = `test-${randomUUID()}`;
  const tenants = new Map<string, ProvisioningActivities>();
  const stops: (() => Promise<unknown>)[] = [];
  let deps: TenantDeps | undefined;

  beforeAll(async () => {
    installRuntime(createLogger({ level: 'fatal' }));
    const address = serverAddress();
    const bundle = await workflowBundle();
    const connection = await Connection.connect({ address });
    stops.push(() => connection.close());
    deps = { client: new Client({ connection }), address, taskQueue, bundle, tenants };
    // Open for as long as the file runs: the SDK's runtime ends with its last user, between two replays too.
    const native = await NativeConnection.connect({ address });
    stops.push(() => native.close());
    if (options.runsWorker === false) return;
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      taskQueue,
      workflowBundle: bundle,
      activities: routeByAccount(tenants),
      shutdownGraceMs: 1_000,
    });
    const ended = worker.run();
    stops.push(async () => {
      worker.shutdown();
      await ended;
    });
  });

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const ready = (): TenantDeps => {
    if (deps === undefined) throw new Error('The rig is used before its hooks have run');
    return deps;
  };

  return {
    async withSandbox(
      ...args:
        | [(tenant: SandboxTenant) => Promise<void>]
        | [SandboxTenantOptions, (tenant: SandboxTenant) => Promise<void>]
    ) {
      const [sandboxOptions, test] = args.length === 2 ? args : [{}, args[0]];
      // Killed workers must not take tasks of another test with them.
      const queue = options.runsWorker === false ? { taskQueue: `test-${randomUUID()}` } : {};
      const tenant = await startSandboxTenant({ ...ready(), ...queue }, sandboxOptions);
      await use(tenant, test);
    },

    async withFakes(fakeOptions, test) {
      const portalId = newPortalId();
      const fakes = createFakeActivities(fakeOptions);
      const tenant = createTenant(ready(), {
        accounts: { [portalId]: fakes.activities },
        policy: fakeOptions.policy,
      });
      const start = () => tenant.provision({ ...fakeDeal, account: portalId });
      await use({ ...tenant, calls: fakes.calls, start }, test);
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

function serverAddress(): string {
  const address = process.env.TEST_TEMPORAL_ADDRESS;
  if (address === undefined) {
    throw new Error(
      'TEST_TEMPORAL_ADDRESS is not set: test/support/global-setup.ts starts the server; run Jest with its configuration',
    );
  }
  return address;
}
