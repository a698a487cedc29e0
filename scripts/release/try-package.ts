import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './program.ts';

export interface PackedRelease {
  readonly file: string;
  readonly version: string;
  /** Where the clone keeps what it fetched, such as the Temporal CLI, so that it is not fetched once more. */
  readonly cache: string;
}

/** Installs a packed release in an empty folder, as its users do, and runs its command there. */
export async function tryPackage({ file, version, cache }: PackedRelease): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-release-'));
  const caches = join(folder, 'caches');
  // Settings of this machine must not help the package.
  const bare = { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CACHE_HOME: caches };
  const dealseat = (...args: string[]) => program(folder, 'npx', ['--no-install', 'dealseat', ...args], bare);
  try {
    await mkdir(caches);
    await symlink(cache, join(caches, 'dealseat'));
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    program(folder, 'npm', ['install', '--no-audit', '--no-fund', file]);
    const said = dealseat('--version');
    if (said !== version) throw new Error(`The package is ${version}, and its command says ${said}`);
    dealseat('catalog', 'check', 'node_modules/dealseat/catalog.example.yaml');
    // Loads worker, activities, clients and workflow bundle; two deals must come out delivered.
    dealseat('demo');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
