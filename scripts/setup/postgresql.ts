import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bringProgram, type OuterProgram } from './bring-program.ts';
import { findProgram, versionFolders } from './find-program.ts';

/** Tells where the programs are, on other systems than Debian. */
const PG_CONFIG = 'pg_config';
const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** Those that Debian may install, which are looked for after that. */
const VERSIONS = ['19', '18', '17', '16', '15'];
/** Homebrew keeps each version in a folder of its own, which PATH does not name. */
const HOMEBREW_FOLDERS = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((opt) =>
  ['postgresql', ...VERSIONS.map((version) => `postgresql@${version}`)].map((name) => join(opt, name, 'bin')),
);
const OTHER_FOLDERS = ['/usr/pgsql/bin', ...HOMEBREW_FOLDERS];

/** The folder with `initdb` and `postgres`, or null. Debian keeps them beside the PATH, one folder a version. */
export function findPostgresql(): string | null {
  const initdb = findProgram(['initdb'], { folders: foldersOf() });
  if (initdb !== null) return folderOf(initdb);
  const { stdout, status } = spawnSync(PG_CONFIG, ['--bindir'], { encoding: 'utf8' });
  return status === 0 && findProgram(['initdb'], { folders: [stdout.trim()] }) !== null
    ? stdout.trim()
    : null;
}

/** Where the others stand, too: a link in PATH may be to one of them alone. */
function folderOf(program: string): string {
  return dirname(realpathSync(program));
}

function foldersOf(): string[] {
  const newest = VERSIONS.map((version) => join(DEBIAN_FOLDER, version, 'bin'));
  return [...versionFolders(DEBIAN_FOLDER, 'bin'), ...newest, ...OTHER_FOLDERS];
}

/** The same folder, installed now where that is allowed. Null where it is missing; then `say` has got why. */
export async function bringPostgresql(say: (line: string) => void): Promise<string | null> {
  const program: OuterProgram = {
    title: 'PostgreSQL',
    names: ['initdb'],
    folders: foldersOf(),
    aptPackage: 'postgresql',
    purpose: 'which the database of seats is tested on',
    usualTime: 'about half a minute',
    lack: 'NOT RUN: the tests of the database of seats on PostgreSQL.',
  };
  return findPostgresql() ?? (await bringProgram(program, say).then((path) => path && folderOf(path)));
}

/** A folder with an empty database of its own, which any local user may use without a password. */
export interface PostgresqlFolder {
  /** With it the server starts, on 127.0.0.1. */
  command(
    port: number,
    settings?: Readonly<Record<string, string>>,
  ): {
    readonly command: string;
    readonly args: readonly string[];
    readonly cwd: string;
    /** Absent: as the user who runs this. */
    readonly uid?: number;
  };
  isReady(port: number): boolean;
  readonly version: string;
  remove(): Promise<void>;
}

/** @param programs Of `findPostgresql`. @param user Name of the superuser. */
export async function makePostgresqlFolder(programs: string, user: string): Promise<PostgresqlFolder> {
  const uid = unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-postgres-'));
  if (uid !== undefined) await chown(folder, uid, uid);
  const data = join(folder, 'data');
  const run = (program: string, args: readonly string[]) =>
    runProgram(join(programs, program), args, { cwd: folder, uid });
  run('initdb', ['-D', data, '-U', user, '--auth', 'trust', '--encoding', 'UTF8', '--no-sync']);
  return {
    command: (port, settings = {}) => ({
      command: join(programs, 'postgres'),
      args: [
        ...['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: folder,
      ...(uid === undefined ? {} : { uid }),
    }),
    isReady: (port) =>
      spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0,
    version: /\d+(\.\d+)?/.exec(run('postgres', ['--version']))?.[0] ?? '',
    remove: () => rm(folder, { recursive: true, force: true }),
  };
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
