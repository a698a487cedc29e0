import { setTimeout as wait } from 'node:timers/promises';
import { findPostgresql, makePostgresqlFolder } from '../../scripts/setup/postgresql.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { type BenchProcess, startProcess } from '../driver/child-process.ts';

/** A PostgreSQL of its own, with the settings that PostgreSQL comes with, on a free port of this machine. */
export interface PostgresDatabase {
  readonly port: number;
  readonly user: string;
  /** Of a database that nothing else uses. */
  readonly url: string;
  readonly version: string;
  processIds(): readonly number[];
  close(): Promise<void>;
}

const USER = 'temporal';
const START_DEADLINE_MS = 60_000;

export async function openPostgres(): Promise<PostgresDatabase> {
  const programs = findPostgresql();
  if (programs === null)
    throw new Error('There is no PostgreSQL here. On Debian: apt-get install postgresql');
  const folder = await makePostgresqlFolder(programs, USER);
  const port = await freePort();
  const server: BenchProcess = startProcess({ ...folder.command(port), env: { PATH: process.env.PATH } });
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!folder.isReady(port)) {
    if (server.isOver() || performance.now() > deadline)
      throw new Error(`PostgreSQL did not start:\n${server.lastLines()}`);
    await wait(50);
  }
  return {
    port,
    user: USER,
    url: `postgres://${USER}@127.0.0.1:${port}/postgres`,
    version: folder.version,
    processIds: server.processIds,
    close: async () => {
      // Fast: without waiting for whoever is still connected.
      await server.stop('SIGINT');
      await folder.remove();
    },
  };
}
