/** Entry point of a worker in a process of its own. It ends when the bench does. */
import { Secret } from '../src/config/secret.ts';
import { createLogger } from '../src/observability/logging.ts';
import { startWorker } from '../src/processes/worker.ts';
import { openStoreDatabase, type StoreOptions } from '../src/store/database.ts';
import { connectWorker } from '../src/temporal/connection.ts';
import { installRuntime } from '../src/temporal/runtime.ts';
import { createWorker } from '../src/temporal/worker.ts';
import { createEmptyActivities, type Plans } from './empty-activities.ts';
import { createContext } from './service-context.ts';
import type { BenchStore, WorkerMessage, WorkerOrder, WorkerQuestion } from './worker-protocol.ts';

const SAMPLE_INTERVAL_MS = 10;

let peakBytes = 0;
const samplePeak = () => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
};

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
installRuntime(createLogger({ level: 'error' }));
process.on('disconnect', () => process.exit());
await (order.work.kind === 'real'
  ? startRealWorker(order, order.work)
  : startEmptyWorker(order, order.work.plans));
let isSampling = false;
process.on('message', (question: WorkerQuestion) => {
  samplePeak();
  globalThis.gc?.();
  const settledBytes = process.memoryUsage.rss();
  if (question === 'startPeak') {
    peakBytes = settledBytes;
    if (!isSampling) setInterval(samplePeak, SAMPLE_INTERVAL_MS);
    isSampling = true;
  }
  tell({ kind: 'memory', peakBytes, settledBytes });
});
tell({ kind: 'ready' });

async function startRealWorker(
  { temporalAddress, taskQueue, bundlePath }: WorkerOrder,
  work: Extract<WorkerOrder['work'], { kind: 'real' }>,
): Promise<void> {
  const context = createContext({ temporalAddress, taskQueue, ...work });
  const store = work.seatStore && (await openStoreDatabase(optionsOf(work.seatStore)));
  await startWorker({ ...context, ...(store && { store }) }, { workflowBundle: { codePath: bundlePath } });
}

function optionsOf(store: BenchStore): StoreOptions {
  return 'folder' in store
    ? { databaseUrl: null, folder: store.folder }
    : { databaseUrl: new Secret(store.databaseUrl) };
}

async function startEmptyWorker(
  { temporalAddress, taskQueue, bundlePath }: WorkerOrder,
  plans: Plans,
): Promise<void> {
  const namespace = 'default';
  const worker = await createWorker({
    connection: await connectWorker({ connectionOptions: { address: temporalAddress }, namespace }),
    namespace,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    activities: createEmptyActivities(plans),
  });
  void worker.run();
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}
