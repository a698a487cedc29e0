import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { bringPostgresql, makePostgresqlFolder } from '../../scripts/setup/postgresql.ts';
import { Secret } from '../../src/config/secret.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { endingWithUs } from '../../src/temporal/dev-server/end-with-us.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';

/** A PostgreSQL for a whole test run, with an empty store in it that databases are copied from. */
export interface TestPostgresql {
  /** Of the database that copies are made from and that nothing else may use. */
  readonly url: string;
  stop(): Promise<void>;
}

export const TEMPLATE = 'store_template';
const USER = 'tester';
const START_DEADLINE_MS = 30_000;
/** Faster: what a crash of the machine would lose is needed by nobody. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: '200',
};

/** Null where this machine has none and may not install it; `say` has got why. With CI=true that is an error. */
export async function startTestPostgresql(say: (line: string) => void): Promise<TestPostgresql | null> {
  const programs = await bringPostgresql(say);
  if (programs === null) {
    if (process.env.CI === 'true') throw new Error('There is no PostgreSQL, and on CI there must be one');
    return null;
  }
  const folder = await makePostgresqlFolder(programs, USER);
  const port = await freePort();
  const { command, args, cwd, uid } = folder.command(port, SETTINGS);
  const ending = await endingWithUs(command, args);
  const server = spawn(ending.command, ending.args, {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const unwatch = ending.watch(server);
  const ended = once(server, 'close');
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    unwatch();
    await folder.remove();
  };
  try {
    const deadline = performance.now() + START_DEADLINE_MS;
    while (!folder.isReady(port)) {
      if (server.exitCode !== null || performance.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${said}`);
      await wait(20);
    }
    await makeTemplate(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(port, TEMPLATE), stop };
}

async function makeTemplate(port: number): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: urlOf(port, 'postgres') });
  await client.connect();
  try {
    await client.query(`create database ${TEMPLATE}`);
    const store = await openStoreDatabase({ databaseUrl: new Secret(urlOf(port, TEMPLATE)) });
    await store.close();
  } finally {
    await client.end();
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://${USER}@127.0.0.1:${port}/${database}`;
}
