/**
 * The product's worker in a process of its own, so that it can be killed. Started by `Workers`; the order is its only
 * argument, as JSON. Says "ready" once it polls.
 */
import { loadConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { startWorker } from '../../src/processes/worker.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import type { WorkerOrder } from './workers.ts';

// Nobody is left to stop a worker whose test was killed.
process.stdin.resume().once('end', () => process.exit(1));

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const logger = createLogger({ level: 'fatal' });
installRuntime(logger);
const worker = await startWorker(
  {
    config: loadConfig(order.env),
    logger,
    target: { connectionOptions: { address: order.address }, namespace: 'default' },
  },
  { workflowBundle: { codePath: order.bundlePath }, folder: order.folder },
);
process.stdout.write('ready\n');
await worker.ended;
