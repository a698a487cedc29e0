import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { ensureTemporalServer, TEMPORAL_SERVER_VERSION } from '../../scripts/setup/temporal-server.ts';
import { runCommand } from '../../src/temporal/dev-server/run-command.ts';
import { checkSearchAttributes } from '../../src/temporal/search-attribute-setup.ts';
import { type BenchProcess, startProcess } from '../driver/child-process.ts';
import { openPostgres, type PostgresDatabase } from './postgres-database.ts';
import { choosePorts, HISTORY_SHARDS, type ServerPorts, serverConfig } from './server-config.ts';
import type { BenchServer } from './temporal.ts';

const NAMESPACE = 'default';
const RETENTION_S = 3 * 24 * 60 * 60;
const START_DEADLINE_MS = 120_000;
/** As `docker-compose.yml` has it. */
const DYNAMIC_CONFIG = { 'system.enableActivityEagerExecution': [{ value: true }] };
const STORES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;

/** Temporal's own server, all four services in one process, on PostgreSQL. */
export async function openPostgresServer(report: (line: string) => void): Promise<BenchServer> {
  const binaries = await ensureTemporalServer(report);
  const database = await openPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-temporal-'));
  const close = async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [name, schema] of Object.entries(STORES)) {
      await makeStore(binaries.sqlTool, database, { name, schema });
    }
    const ports = await choosePorts();
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config', 'bench.yaml'), serverConfig({ ports, database }));
    await writeFile(join(folder, 'config', 'dynamic.yaml'), stringify(DYNAMIC_CONFIG));
    const start = () => startServer(binaries.server, folder, ports);
    let running = await start();
    const address = addressOf(ports);
    await registerNamespace(address);
    return {
      address,
      description: `Temporal server ${TEMPORAL_SERVER_VERSION.slice(1)} on PostgreSQL ${database.version}, ${HISTORY_SHARDS} history shards, on the same cores`,
      stop: () => running.stop(),
      start: async () => {
        running = await start();
      },
      processIds: () => [...running.processIds(), ...database.processIds()],
      close: async () => {
        await running.kill();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeStore(
  sqlTool: string,
  { port, user }: PostgresDatabase,
  { name, schema }: { readonly name: string; readonly schema: string },
): Promise<void> {
  const place = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '--port', String(port), '--user', user];
  const steps = [
    ['create-database'],
    ['setup-schema', '--version', '0.0'],
    ['update-schema', '--schema-name', `postgresql/v12/${schema}`],
  ];
  for (const step of steps) {
    const args = [...place, '--db', name, ...step];
    const { exitCode, stderrTail } = await runCommand({
      command: sqlTool,
      args,
      timeoutMs: START_DEADLINE_MS,
    });
    if (exitCode !== 0) throw new Error(`temporal-sql-tool ${step[0]} failed:\n${stderrTail.join('\n')}`);
  }
}

async function startServer(binary: string, folder: string, ports: ServerPorts): Promise<BenchProcess> {
  const server = startProcess({
    command: binary,
    args: ['--root', folder, '--config', 'config', '--env', 'bench', '--allow-no-auth', 'start'],
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!(await isServing(addressOf(ports)))) {
    if (server.isOver() || performance.now() > deadline) {
      await server.kill();
      throw new Error(`Temporal's server did not start:\n${server.lastLines()}`);
    }
    await wait(100);
  }
  return server;
}

async function isServing(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address, connectTimeout: 2_000, interceptors: [] });
  try {
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getClusterInfo({}));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function registerNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: { seconds: RETENTION_S as never },
    });
    // The services learn of a new namespace some seconds later.
    const deadline = performance.now() + START_DEADLINE_MS;
    for (;;) {
      try {
        await connection.workflowService.listWorkflowExecutions({ namespace: NAMESPACE, pageSize: 1 });
        break;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await wait(200);
      }
    }
  } finally {
    await connection.close();
  }
  const checks = await checkSearchAttributes(
    { connectionOptions: { address }, namespace: NAMESPACE },
    { fix: true },
  );
  const failed = checks.filter(({ state }) => state === 'failed' || state === 'missing');
  if (failed.length > 0) throw new Error(`Search attributes: ${failed.map(({ name }) => name).join(', ')}`);
}

function addressOf({ frontend }: ServerPorts): string {
  return `127.0.0.1:${frontend.grpc}`;
}
