import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { createReplayer } from './replay.ts';
import { routeByAccount } from './route-by-account.ts';
import type { TenantDeps } from './tenant.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface RigWorld {
  readonly deps: TenantDeps;
  /** How often those who run Dealseat were alarmed that nobody could be told. */
  untold(): number;
  close(): Promise<void>;
}

/** A client, and unless told otherwise a worker, on a queue of their own. Once a process. */
export async function openRigWorld(address: string, { runsWorker = true } = {}): Promise<RigWorld> {
  installRuntime(createLogger({ level: 'fatal' }));
  const taskQueue = `test-${randomUUID()}`;
  const tenants = new Map<string, ProvisioningActivities>();
  const bundle = await workflowBundle();
  const connection = await Connection.connect({ address });
  // Open for as long as the process works: the SDK's runtime ends with its last user, between two replays too.
  const native = await NativeConnection.connect({ address });
  const stops: (() => Promise<void>)[] = [() => connection.close(), () => native.close()];
  const replayer = createReplayer(bundle);
  stops.push(() => replayer.close());
  let untold = 0;
  if (runsWorker) {
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      taskQueue,
      workflowBundle: bundle,
      activities: routeByAccount(tenants),
      shutdownGraceMs: 1_000,
      onUntold: () => {
        untold += 1;
      },
    });
    const ended = worker.run();
    stops.push(async () => {
      worker.shutdown();
      await ended;
    });
  }
  return {
    deps: { client: new Client({ connection }), address, taskQueue, bundle, replayer, tenants },
    untold: () => untold,
    close: async () => {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
