import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createSweepActivities } from '../../activities/sweep.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import type { SeatSyncActivities } from '../../src/contracts/seat-sync.ts';
import type { SweepActivities, SweepInput, SweepResult } from '../../src/contracts/sweep.ts';
import { SWEEP_DEALS } from '../../src/contracts/sweep.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { createRunRegister } from '../../src/runs/run-register.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { createReplayer } from './replay.ts';
import type { SandboxTenant } from './sandbox-tenant.ts';
import { serverAddress } from './server.ts';
import { TEST_POLICY } from './tenant.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** A worker for sweeps alone; the runs they start are carried out by the rig of the test. */
export interface SweepRig {
  readonly client: Client;
  readonly taskQueue: string;
  /** One sweep outside any schedule; its history is replayed. */
  sweep(input: SweepInput): Promise<SweepResult>;
  startWorker(activities: SweepActivities | SeatSyncActivities): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openSweepRig(): Promise<SweepRig> {
  const taskQueue = `sweep-${randomUUID()}`;
  const address = serverAddress();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const bundle = await workflowBundle();
  const client = new Client({ connection });
  const replayer = createReplayer(bundle);
  const stops = new Set<() => Promise<void>>();
  return {
    client,
    taskQueue,
    async sweep(input) {
      const handle = await client.workflow.start(SWEEP_DEALS, {
        workflowId: `test-sweep:${randomUUID()}`,
        taskQueue,
        args: [input],
      });
      const result = (await handle.result()) as SweepResult;
      await replayer.replay(await handle.fetchHistory(), handle.workflowId);
      return result;
    },
    async startWorker(activities) {
      const worker = await createWorker({
        connection: native,
        namespace: 'default',
        taskQueue,
        workflowBundle: bundle,
        activities: activities as Parameters<typeof createWorker>[0]['activities'],
        shutdownGraceMs: 1_000,
      });
      const ended = worker.run();
      const stop = async () => {
        stops.delete(stop);
        worker.shutdown();
        await ended;
      };
      stops.add(stop);
      return { stop };
    },
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
      await replayer.close();
      await native.close();
      await connection.close();
    },
  };
}

/** The real activities on the stand-ins of a tenant; `missed` names the CRM of each missed deal. */
export function tenantSweepActivities({ sandbox, ref, console }: SandboxTenant): {
  readonly activities: SweepActivities;
  readonly missed: readonly string[];
} {
  const missed: string[] = [];
  const activities = createSweepActivities({
    crms: {
      hubspot: createHubSpotCrm({
        accessToken: 'sandbox-hubspot-token',
        portalId: ref('hubspot', '1').account,
        baseUrl: sandbox.hubspot.url,
      }),
      salesforce: createSalesforceCrm({
        loginUrl: sandbox.salesforce.url,
        clientId: 'sandbox-sf-client',
        clientSecret: 'sandbox-sf-secret',
        orgId: ref('salesforce', '1').account,
        apiVersion: '66.0',
      }),
    },
    runs: createRunRegister(console),
    onMissed: (crm) => missed.push(crm),
  });
  return { activities, missed };
}

/** A window from long ago until now: the stand-ins' index has no lag. */
export function sweepInput(tenant: SandboxTenant, crm: CrmName): SweepInput {
  return {
    crm,
    account: tenant.ref(crm, '1').account,
    since: '2020-01-01T00:00:00.000Z',
    lagMs: 0,
    lookBackMs: 60_000,
    policy: TEST_POLICY,
  };
}
