/**
 * A worker in a process of its own, for tests that kill it. Started by `startWorkerProcess`; the order is its only
 * argument, as JSON.
 */
import { NativeConnection } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logging.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { exampleCatalog, sandboxActivities } from './sandbox-activities.ts';
import type { WorkerOrder } from './start-worker-process.ts';

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
installRuntime(createLogger({ level: 'fatal' }));
const worker = await createWorker({
  connection: await NativeConnection.connect({ address: order.address }),
  namespace: 'default',
  taskQueue: order.taskQueue,
  workflowBundle: { codePath: order.bundlePath },
  activities: sandboxActivities(order.systems, { catalog: exampleCatalog(), wonSince: {} }),
});
await worker.run();
