/**
 * A worker for operations on seats in a process of its own, which ends itself at the point that a test wants, as the
 * kernel would. Started by `startSeatWorker`; the order is its only argument, as JSON.
 */

import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import { Secret } from '../../src/config/secret.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { startSeatOperations } from '../../src/processes/start-seat-operations.ts';
import { createSeatOperations } from '../../src/runs/seat-operations.ts';
import { createStoreDesk } from '../../src/seats/store-desk.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { followDeadProcesses } from '../../src/temporal/orphaned-attempts.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { createRig } from '../webhooks/fixture.ts';
import { exampleCatalog, sandboxActivities, sandboxDeps } from './sandbox-activities.ts';
import { ASKING_KEY, type KillPoint, type SeatWorkerOrder } from './start-seat-worker.ts';
import { TEST_POLICY } from './tenant.ts';
import { testVault } from './test-vault.ts';

// Nobody is left to stop a worker whose test was killed.
process.stdin.resume().once('end', () => process.exit(1));

const order = JSON.parse(process.argv[2] ?? '') as SeatWorkerOrder;
const { diesAt } = order;
const die = () => process.kill(process.pid, 'SIGKILL');
/** Dying takes the kernel a moment, in which nothing more may happen. */
const forEver = new Promise<never>(() => undefined);

/** Never comes back from the point at which it is to die. */
function dieIf(step: string, when: KillPoint['when']): Promise<void> {
  if (diesAt?.step !== step || diesAt.when !== when) return Promise.resolve();
  die();
  return forEver;
}

/** Dies before or after it. */
async function dyingAround<T>(step: string, work: () => Promise<T>): Promise<T> {
  await dieIf(step, 'before');
  const result = await work();
  await dieIf(step, 'after');
  return result;
}

const logger = createLogger({ level: 'fatal' });
installRuntime(logger);
const connection = await NativeConnection.connect({ address: order.address });
const namespace = 'default';
const store = await openStoreDatabase({ databaseUrl: new Secret(order.databaseUrl) });
const seats = { db: store.db, vault: testVault };
const settings = { catalog: exampleCatalog(), wonSince: {} };
const deps = { ...sandboxDeps(order.systems, settings), seats };

/** Dies as soon as the call has come back, before anybody hears of it. */
function dyingAfter<Port extends object>(port: Port, call: string): Port {
  if (diesAt?.when !== 'inside' || diesAt.step !== call) return port;
  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== call || typeof value !== 'function') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (...args: readonly unknown[]) => {
        await value.apply(target, args);
        die();
        return forEver;
      };
    },
  });
}

const platforms = Object.fromEntries(
  Object.entries(deps.platforms).map(([name, lms]) => [
    name,
    new Proxy(lms, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (key === 'learners') {
          return ['grant', 'setAccessEnd', 'revoke'].reduce(
            (port: object, call) => dyingAfter(port, call),
            target.learners,
          );
        }
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  ]),
);
const crms = Object.fromEntries(
  Object.entries(deps.crms).map(([name, crm]) => [name, dyingAfter(crm, 'writeRedeemLinks')]),
);
const steps = createSeatOperationActivities({
  ...deps,
  platforms,
  crms,
  raiseAlert: async () => ({ isRaised: false }),
});
const activities = Object.fromEntries(
  Object.entries(steps).map(([name, step]) => [
    name,
    (input: never) => dyingAround(name, async () => step(input)),
  ]),
) as unknown as typeof steps;

const journal = await followDeadProcesses(order.folder, { connection, namespace, logger });
const client = new Client({ connection: await Connection.connect({ address: order.address }) });
const worker = await createWorker({
  connection,
  namespace,
  journal,
  taskQueue: order.taskQueue,
  workflowBundle: { codePath: order.bundlePath },
  activities: { ...sandboxActivities(order.systems, settings), ...activities },
});
const { start } = client.workflow;
client.workflow.start = ((...args: Parameters<typeof start>) =>
  dyingAround('start', () => start.apply(client.workflow, args))) as typeof start;
const operations = createSeatOperations({ client, taskQueue: order.taskQueue, policy: TEST_POLICY, seats });
startSeatOperations(operations, { logger, everyMs: 100, now: Date.now });
if (order.serves) {
  const desk = createStoreDesk(seats, { operations, now: Date.now });
  const ask: typeof desk.ask = (request) => dyingAround('ask', () => desk.ask(request));
  const { app } = createRig({
    env: { MANUAL_API_KEYS: `support:${ASKING_KEY}:seats` },
    desk: { ...desk, ask },
  });
  process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
}
await worker.run();
