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
import { openStoreDatabase } from '../../src/store/database.ts';
import { followDeadProcesses } from '../../src/temporal/orphaned-attempts.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { exampleCatalog, sandboxActivities, sandboxDeps } from './sandbox-activities.ts';
import type { SeatWorkerOrder } from './start-seat-worker.ts';
import { TEST_POLICY } from './tenant.ts';
import { testVault } from './test-vault.ts';

// Nobody is left to stop a worker whose test was killed.
process.stdin.resume().once('end', () => process.exit(1));

const order = JSON.parse(process.argv[2] ?? '') as SeatWorkerOrder;
const { diesAt } = order;
const die = () => process.kill(process.pid, 'SIGKILL');
/** Dying takes the kernel a moment, in which nothing more may happen. */
const forEver = new Promise<never>(() => undefined);

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
    async (input: never) => {
      const isDue = diesAt?.step === name;
      if (isDue && diesAt.when === 'before') {
        die();
        return forEver;
      }
      const result = await step(input);
      if (isDue && diesAt.when === 'after') {
        die();
        return forEver;
      }
      return result;
    },
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
startSeatOperations(
  createSeatOperations({ client, taskQueue: order.taskQueue, policy: TEST_POLICY, seats }),
  { logger, everyMs: 100, now: Date.now },
);
await worker.run();
