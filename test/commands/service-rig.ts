import { randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { loadConfig, requireSecretKeys } from '../../src/config/config.ts';
import { createVault } from '../../src/config/secret-keys.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { startWorker } from '../../src/processes/worker.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { loadTemporalTarget } from '../../src/temporal/connection.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { deskOf } from '../support/filled-store.ts';
import { ownNamespace, serverAddress } from '../support/server.ts';
import { embeddedImage } from '../support/store.ts';
import { dealseat, type Outcome, PATIENT } from './dealseat.ts';

/** A sandbox, a worker and the command, all on the Temporal server of the test run, for all tests of a file. */
export interface ServiceRig {
  readonly sandbox: Sandbox;
  readonly portalId: string;
  readonly orgId: string;
  readonly env: Readonly<Record<string, string>>;
  dealseat(...argv: string[]): Promise<Outcome>;
  /** Of the worker, and of the command. Throws where the rig keeps no seats. */
  seats(): SeatStore;
}

interface RigOptions {
  readonly sandbox?: SandboxOptions;
  /** Deals with more seats than this wait for approval. */
  readonly approveAbove?: number;
  readonly runsWorker?: boolean;
  /** The worker has an empty store of seats in memory. */
  readonly keepsSeats?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Registers the hooks of the file; the rig can be used once they have run. */
export function openServiceRig(options: RigOptions = {}): () => ServiceRig {
  let rig: ServiceRig | undefined;
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const portalId = String(randomInt(100_000_000, 2_000_000_000));
    const orgId = toSalesforceId18(`00D5Z${String(randomInt(0, 10 ** 10)).padStart(10, '0')}`) ?? '';
    const sandbox = await startSandbox({
      ...options.sandbox,
      hubspot: { portalId: Number(portalId), searchIndexDelayMs: 0, ...options.sandbox?.hubspot },
      salesforce: { orgId, ...options.sandbox?.salesforce },
    });
    stops.push(() => sandbox.close());
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-commands-'));
    stops.push(() => rm(folder, { recursive: true }));
    const env = {
      ...sandboxEnvironment(sandbox),
      HUBSPOT_PORTAL_ID: portalId,
      SALESFORCE_ORG_ID: orgId,
      WEBHOOK_PUBLIC_URL: 'http://127.0.0.1:8080',
      TEMPORAL_ADDRESS: serverAddress(),
      TEMPORAL_NAMESPACE: await ownNamespace(),
      DEALSEAT_TASK_QUEUE: `test-${randomUUID()}`,
      // A sweep would wake runs that wait, and answer before the command does.
      DEALSEAT_SWEEP_LAG_MS: '86400000',
      DEALSEAT_CATALOG: await writeCatalog(folder, options.approveAbove ?? 1_000),
      // An attempt that a busy server lost on its way to the worker comes back only by its bound.
      DEALSEAT_POLICY_ATTEMPT_MS: '30000',
      DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '40000',
      DEALSEAT_POLICY_PASSING_MS: '500',
      DEALSEAT_POLICY_STILL_MS: '200',
      DEALSEAT_POLICY_HOLD_PAUSE_MS: '200',
      DEALSEAT_POLICY_POLL_INTERVAL_MS: '50',
      DEALSEAT_POLICY_RETRY_INITIAL_MS: '50',
      ...options.env,
    };
    const store = options.keepsSeats
      ? await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() })
      : undefined;
    stops.push(async () => store?.close());
    const seats = store && { db: store.db, vault: createVault(requireSecretKeys(loadConfig(env))) };
    if (options.runsWorker !== false) {
      const logger = createLogger({ level: 'fatal' });
      installRuntime(logger);
      const context = {
        config: loadConfig(env),
        target: loadTemporalTarget(env),
        logger,
        ...(store && { store }),
      };
      const worker = await startWorker(context, { shutdownGraceMs: 1_000 });
      stops.push(() => worker.stop());
    }
    const given = {
      ...(options.runsWorker === false ? {} : PATIENT),
      ...(seats && {
        openSeats: async () => ({ desk: deskOf(seats), waitsHere: true, close: async () => {} }),
        openStore: async () => ({ db: seats.db, close: async () => {} }),
      }),
    };
    rig = {
      sandbox,
      portalId,
      orgId,
      env,
      dealseat: (...argv) => dealseat(env, argv, given),
      seats: () => {
        if (seats === undefined) throw new Error('The rig keeps no seats');
        return seats;
      },
    };
  }, 120_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  return () => {
    if (rig === undefined) throw new Error('The rig is used before its hooks have run');
    return rig;
  };
}

async function writeCatalog(folder: string, approveAbove: number): Promise<string> {
  const example = await readFile(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');
  const file = join(folder, 'catalog.yaml');
  await writeFile(file, example.replace(/aboveSeats: \d+/, `aboveSeats: ${approveAbove}`));
  return file;
}
