import { randomInt, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { OperationDeps } from '../../activities/operation-deps.ts';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import type { Crm } from '../../src/clients/crm.ts';
import type { Lms } from '../../src/clients/lms.ts';
import type { RaiseAlertInput } from '../../src/contracts/alert.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import { type SeatOperationResult, seatOperationId } from '../../src/contracts/seat-operations.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { createSeatOperations, type SeatOperations } from '../../src/runs/seat-operations.ts';
import type { OperationRequest, OperationRow } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { chainOf, createReplayer, type History } from './replay.ts';
import { exampleCatalog, type Systems, sandboxActivities, sandboxDeps } from './sandbox-activities.ts';
import { serverAddress } from './server.ts';
import { newPortalId, TEST_POLICY } from './tenant.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** Operations on seats with everything real but the vendors: worker, server, ledger, client libraries. */
export interface SeatWorld {
  readonly sandbox: Sandbox;
  readonly store: SeatStore;
  readonly lms: Lms;
  readonly crm: Crm;
  readonly systems: Systems;
  readonly client: Client;
  readonly taskQueue: string;
  readonly bundlePath: string;
  readonly operations: SeatOperations;
  /** That were raised so far. */
  readonly alerts: readonly RaiseAlertInput[];
  /** Another one with each call. */
  newDeal(): DealRef;
  /** Asks, and waits for the end of the run. */
  carryOut(request: OperationRequest): Promise<Ended>;
  ended(operationId: string): Promise<Ended>;
  operation(operationId: string): Promise<OperationRow>;
  /** Throws where the code of now would not have made what these runs did. */
  replayAll(): Promise<readonly History[]>;
  close(): Promise<void>;
}

export interface Ended {
  readonly result: SeatOperationResult;
  readonly operation: OperationRow;
}

export interface SeatWorldOptions {
  readonly store: SeatStore;
  readonly sandbox?: SandboxOptions;
  readonly policy?: Partial<Policy>;
  /** False: tests start workers by themselves. */
  readonly runsWorker?: boolean;
}

export async function openSeatWorld(options: SeatWorldOptions): Promise<SeatWorld> {
  installRuntime(createLogger({ level: 'fatal' }));
  const { store } = options;
  const portalId = newPortalId();
  const sandbox = await startSandbox({
    ...options.sandbox,
    ti: {
      rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true },
      ...options.sandbox?.ti,
    },
    hubspot: {
      portalId: Number(portalId),
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
    },
  });
  const systems: Systems = {
    urls: { ti: sandbox.ti.url, hubspot: sandbox.hubspot.url, salesforce: sandbox.salesforce.url },
    portalId,
    orgId: sandbox.salesforce.state.orgId,
    callTimeoutMs: 5_000,
  };
  const settings = { catalog: exampleCatalog(), wonSince: {} };
  const alerts: RaiseAlertInput[] = [];
  const deps: OperationDeps = {
    ...sandboxDeps(systems, settings),
    seats: store,
    raiseAlert: async (alert) => {
      alerts.push(alert);
      return { isRaised: true };
    },
  };
  const address = serverAddress();
  const taskQueue = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const bundle = await workflowBundle();
  const replayer = createReplayer(bundle);
  const policy = { ...TEST_POLICY, ...options.policy };
  const stops: (() => Promise<void>)[] = [
    () => sandbox.close(),
    () => connection.close(),
    () => native.close(),
    () => replayer.close(),
  ];
  if (options.runsWorker !== false) {
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      taskQueue,
      workflowBundle: bundle,
      activities: { ...sandboxActivities(systems, settings), ...createSeatOperationActivities(deps) },
      shutdownGraceMs: 1_000,
    });
    const ended = worker.run();
    stops.push(async () => {
      worker.shutdown();
      await ended;
    });
  }
  const operations = createSeatOperations({ client, taskQueue, policy, seats: store });
  const seen = new Set<string>();
  const firstDeal = randomInt(10 ** 9);
  let deals = 0;
  const operation = (id: string) =>
    store.db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const ended = async (operationId: string): Promise<Ended> => {
    seen.add(operationId);
    const result = await client.workflow.getHandle(seatOperationId(operationId)).result();
    return { result, operation: await operation(operationId) };
  };
  return {
    sandbox,
    store,
    alerts,
    lms: deps.platforms.ti as Lms,
    crm: deps.crms.hubspot as Crm,
    systems,
    client,
    taskQueue,
    bundlePath: bundle.codePath,
    operations,
    newDeal() {
      deals += 1;
      return { crm: 'hubspot', account: portalId, dealId: String(firstDeal + deals) };
    },
    async carryOut(request) {
      await operations.ask([request]);
      return ended(request.id);
    },
    ended,
    operation,
    async replayAll() {
      const all: History[] = [];
      for (const operationId of seen) {
        const workflowId = seatOperationId(operationId);
        for (const history of await chainOf(client, workflowId, [])) {
          await replayer.replay(history, workflowId);
          all.push(history);
        }
      }
      return all;
    },
    async close() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
