import { spawnSync } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findProgram, versionFolders } from '../../scripts/setup/find-program.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { type BenchProcess, startProcess } from '../driver/child-process.ts';

/** A PostgreSQL of its own, with the settings that PostgreSQL comes with, on a free port of this machine. */
export interface PostgresDatabase {
  readonly port: number;
  readonly user: string;
  readonly version: string;
  processIds(): readonly number[];
  close(): Promise<void>;
}

const USER = 'temporal';
const START_DEADLINE_MS = 60_000;
/** Tells where they are, on other systems. */
const PG_CONFIG = 'pg_config';
const DEBIAN_FOLDER = '/usr/lib/postgresql';

export async function openPostgres(): Promise<PostgresDatabase> {
  const programs = findPrograms();
  const uid = unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-postgres-'));
  if (uid !== undefined) await chown(folder, uid, uid);
  const data = join(folder, 'data');
  const run = (program: string, args: readonly string[]) =>
    runProgram(join(programs, program), args, { cwd: folder, uid });
  run('initdb', ['-D', data, '-U', USER, '--auth', 'trust', '--encoding', 'UTF8']);
  const port = await freePort();
  const server: BenchProcess = startProcess({
    command: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
    cwd: folder,
    env: { PATH: process.env.PATH },
    ...(uid === undefined ? {} : { uid }),
  });
  const isReady = () =>
    spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!isReady()) {
    if (server.isOver() || performance.now() > deadline)
      throw new Error(`PostgreSQL did not start:\n${server.lastLines()}`);
    await wait(50);
  }
  return {
    port,
    user: USER,
    version: /\d+(\.\d+)?/.exec(run('postgres', ['--version']))?.[0] ?? '',
    processIds: server.processIds,
    close: async () => {
      // Fast: without waiting for whoever is still connected.
      await server.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps them beside the PATH, one folder a version. */
function findPrograms(): string {
  const initdb = findProgram(['initdb'], { folders: versionFolders(DEBIAN_FOLDER, 'bin') });
  if (initdb !== null) return dirname(initdb);
  const { stdout, status } = spawnSync(PG_CONFIG, ['--bindir'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error('There is no PostgreSQL here. On Debian: apt-get install postgresql');
}

/** PostgreSQL refuses to run as root, so root runs it as the user that its package makes. */
function unprivilegedUser(): number | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { stdout, status } = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error('PostgreSQL refuses to run as root, and there is no user "postgres" to run it as');
  return Number(stdout);
}

function runProgram(
  program: string,
  args: readonly string[],
  { cwd, uid }: { readonly cwd: string; readonly uid: number | undefined },
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...(uid === undefined ? {} : { uid }),
  });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
  return stdout;
}
