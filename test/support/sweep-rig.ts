import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createSweepActivities } from '../../activities/sweep.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import type { SeatSyncActivities } from '../../src/contracts/seat-sync.ts';
import type { SweepActivities, SweepInput, SweepResult, SweepScope } from '../../src/contracts/sweep.ts';
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
  /** From now on these carry out the sweeps of the account. */
  carryOut(account: string, activities: SweepActivities): void;
  close(): Promise<void>;
}

/** `others`: of other workflows that the same worker is to carry out. */
export async function openSweepRig(others: Partial<SeatSyncActivities> = {}): Promise<SweepRig> {
  const taskQueue = `sweep-${randomUUID()}`;
  const address = serverAddress();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const bundle = await workflowBundle();
  const client = new Client({ connection });
  const replayer = createReplayer(bundle);
  const byAccount = new Map<string, SweepActivities>();
  const of = ({ account }: SweepScope): SweepActivities => {
    const activities = byAccount.get(account);
    if (activities === undefined) throw new Error(`No test sweeps account ${account}`);
    return activities;
  };
  const activities: SweepActivities = {
    startEndedDeals: (input) => of(input).startEndedDeals(input),
    findWonDeals: (input) => of(input).findWonDeals(input),
    startSweptDeals: (input) => of(input).startSweptDeals(input),
  };
  const worker = await createWorker({
    connection: native,
    namespace: 'default',
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities, ...others } as Parameters<typeof createWorker>[0]['activities'],
    shutdownGraceMs: 1_000,
  });
  const ended = worker.run();
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
    carryOut: (account, activities) => void byAccount.set(account, activities),
    async close() {
      worker.shutdown();
      await ended;
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
