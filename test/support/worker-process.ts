/**
 * A worker in a process of its own, for tests that kill it. Started by `startWorkerProcess`; the order is its only
 * argument, as JSON.
 */
import { NativeConnection } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logging.ts';
import { followDeadProcesses } from '../../src/temporal/orphaned-attempts.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { exampleCatalog, sandboxActivities } from './sandbox-activities.ts';
import type { WorkerOrder } from './start-worker-process.ts';

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const logger = createLogger({ level: 'fatal' });
installRuntime(logger);
const connection = await NativeConnection.connect({ address: order.address });
const namespace = 'default';
const journal = order.folder
  ? await followDeadProcesses(order.folder, { connection, namespace, logger })
  : null;
const worker = await createWorker({
  connection,
  namespace,
  journal,
  taskQueue: order.taskQueue,
  workflowBundle: { codePath: order.bundlePath },
  activities: sandboxActivities(order.systems, { catalog: exampleCatalog(), wonSince: {} }),
});
await worker.run();
