import type { Sandbox } from '../../sandbox/index.ts';
import type { Bench } from '../bench.ts';
import { type BenchCrm, CRMS } from '../deals.ts';
import { type DriveResult, drive, type Scenario } from '../driver/drive.ts';
import type { Receiver } from '../driver/receiver.ts';
import { away, type Scale, sequence } from '../driver/scenarios.ts';
import { startStandIns } from '../driver/stand-ins.ts';
import { type DealseatOptions, startDealseat } from '../receivers/dealseat.ts';
import { openServer } from '../server/open.ts';
import { openPostgres } from '../server/postgres-database.ts';
import type { BenchServer } from '../server/temporal.ts';

export interface SequenceResult extends DriveResult {
  readonly crm: BenchCrm;
}

interface Installation {
  readonly sandbox: Sandbox;
  readonly receiver: Receiver;
  /** The bench's own; null: the one that `dealseat start` brings. */
  readonly server: BenchServer | null;
}

interface InstallationOptions extends Pick<DealseatOptions, 'workers'> {
  /** Allowed by the platform and known to Dealseat. */
  readonly requestsPerMinute?: number;
  /** The server must outlive the service. */
  readonly ownServer?: boolean;
}

export async function measureRow(
  bench: Bench,
  scenario: (scale: Scale) => Scenario,
  options: InstallationOptions = {},
): Promise<DriveResult> {
  const { scale } = bench.effort;
  return withInstallation(bench, options, ({ sandbox, receiver }) =>
    drive(sandbox, receiver, scenario(scale)),
  );
}

/** CRM after CRM, so that the platform's requests can be told apart. */
export async function measureSequence(bench: Bench): Promise<SequenceResult[]> {
  return withInstallation(bench, {}, async ({ sandbox, receiver }) => {
    const results: SequenceResult[] = [];
    for (const crm of CRMS) {
      const scenario = { ...sequence(bench.effort.scale), crms: [crm] };
      results.push({ crm, ...(await drive(sandbox, receiver, scenario)) });
    }
    return results;
  });
}

export async function measureAway(bench: Bench): Promise<DriveResult> {
  return withInstallation(bench, { ownServer: true }, ({ sandbox, receiver, server }) => {
    if (server === null) throw new Error('There is no server to stop');
    return drive(sandbox, receiver, away(bench.effort.scale, server));
  });
}

/** Stand-ins, server and Dealseat of their own, which no other row has met. */
export async function withInstallation<T>(
  bench: Bench,
  { requestsPerMinute, ownServer = false, workers }: InstallationOptions,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const sandbox = await startStandIns(requestsPerMinute === undefined ? {} : { requestsPerMinute });
  stack.defer(() => sandbox.close());
  const needsServer = ownServer || workers !== undefined || bench.server !== 'dev';
  const { report } = bench;
  const server = needsServer ? await openServer({ kind: bench.server, store: 'file', report }) : null;
  stack.defer(async () => server?.close());
  // Several processes cannot share the embedded store of seats; and where Temporal has a PostgreSQL, seats have one.
  const hasDatabase = workers !== undefined || bench.server === 'postgres';
  const database = hasDatabase ? await openPostgres() : null;
  stack.defer(async () => database?.close());
  const receiver = await startDealseat({
    sandbox,
    report,
    ...(server === null ? {} : { server }),
    ...(workers === undefined ? {} : { workers }),
    env: {
      ...(requestsPerMinute === undefined ? {} : { TI_REQUESTS_PER_MINUTE: String(requestsPerMinute) }),
      ...(database === null ? {} : { DATABASE_URL: database.url }),
    },
  });
  stack.defer(() => receiver.stop());
  for (let round = 0; round < bench.effort.warmUps; round += 1) {
    await drive(sandbox, receiver, { deals: CRMS.length, deadlineMs: bench.effort.scale.deadlineMs });
  }
  return await work({ sandbox, receiver, server });
}
