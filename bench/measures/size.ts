import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { BUILT_BUNDLE, buildPackage } from '../receivers/package.ts';

/** What a machine that runs Dealseat holds of it, in bytes. */
export interface PackageSize {
  readonly bundleBytes: number;
  /** Packages that the service needs. */
  readonly packages: number;
  readonly modulesBytes: number;
  /** Of these: binaries of other systems, which the image leaves out. */
  readonly foreignBytes: number;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** One folder a system in it. */
const RELEASES = join('@temporalio', 'core-bridge', 'releases');
const SYSTEMS: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-gnu',
  'linux-arm64': 'aarch64-unknown-linux-gnu',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
};

export async function measureSize({ report }: Pick<Bench, 'report'>): Promise<PackageSize> {
  buildPackage(report);
  const own = SYSTEMS[`${process.platform}-${process.arch}`];
  const packages = productionPackages(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  let modulesBytes = 0;
  let foreignBytes = 0;
  let count = 0;
  for (const folder of packages) {
    // Optional packages of other systems are not installed.
    if (!(await stat(join(ROOT, folder)).catch(() => null))) continue;
    count += 1;
    for await (const { path, bytes } of filesBelow(join(ROOT, folder))) {
      modulesBytes += bytes;
      if (path.includes(RELEASES) && !(own && path.includes(own))) foreignBytes += bytes;
    }
  }
  const { size: bundleBytes } = await stat(BUILT_BUNDLE);
  return { bundleBytes, packages: count, modulesBytes, foreignBytes };
}

/** Folders of the packages that are not for development alone. */
function productionPackages(lockFile: string): string[] {
  const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } =
    JSON.parse(lockFile);
  return Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    path === '' || dev === true || devOptional === true ? [] : [path],
  );
}

/** Packages within packages are listed for themselves. */
async function* filesBelow(
  folder: string,
): AsyncGenerator<{ readonly path: string; readonly bytes: number }> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* filesBelow(path);
    else if (entry.isFile()) yield { path, bytes: (await stat(path)).size };
  }
}
