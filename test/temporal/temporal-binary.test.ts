import { access, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ensureTemporalBinary } from '../../src/temporal/dev-server/temporal-binary.ts';

let folder: string;
let bin: string;
let cacheDir: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-binary-'));
  bin = join(folder, 'bin');
  cacheDir = join(folder, 'cache');
  await mkdir(bin);
  said = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(file: string, script: string): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Without a reachable download; `/bin` has the shell that the fake programs need. */
function find(): Promise<string> {
  return ensureTemporalBinary((line) => said.push(line), {
    cacheDir,
    path: bin,
    download: async () => 'The SDK could not fetch the Temporal CLI: no such host',
  });
}

const cachedName = 'temporal-v1.5.1';

test('a recent Temporal CLI on PATH is used as it is', async () => {
  const installed = await program(join(bin, 'temporal'), 'echo "temporal version 1.6.2 (Server 1.31.0)"');
  await expect(find()).resolves.toBe(installed);
  expect(said).toEqual([]);
});

test('a CLI on PATH that is too old gives way to the cached one, and the user is told', async () => {
  await program(join(bin, 'temporal'), 'echo "temporal version 1.1.0 (Server 1.25.0)"');
  const cached = await program(join(cacheDir, cachedName), 'echo "temporal version 0.0.0-DEV"');
  await expect(find()).resolves.toBe(cached);
  expect(said.join('\n')).toContain('version 1.1 is older than 1.4');
});

test('a CLI on PATH that does not run gives way to the cached one', async () => {
  await program(join(bin, 'temporal'), 'echo "Exec format error" >&2; exit 126');
  const cached = await program(join(cacheDir, cachedName), 'echo "temporal version 0.0.0-DEV"');
  await expect(find()).resolves.toBe(cached);
  expect(said.join('\n')).toContain('Exec format error');
});

test('where nothing can be fetched it is built with Go, and the user is told how long that takes', async () => {
  const builds = join(folder, 'builds');
  await program(
    join(bin, 'go'),
    `echo "$@" >> ${builds}; printf '#!/bin/sh\\necho temporal version 0.0.0-DEV\\n' > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"`,
  );
  const built = await find();
  expect(built).toBe(join(cacheDir, cachedName));
  expect(said.join('\n')).toMatch(/about 4 minutes/);
  await expect(find()).resolves.toBe(built);
  expect(said.filter((line) => line.startsWith('Building'))).toHaveLength(1);
});

test('a build that fails leaves nothing half-made in the cache and says what to do', async () => {
  await program(join(bin, 'go'), 'echo half > "$GOBIN/temporal"; echo "go: error: no network" >&2; exit 1');
  await expect(find()).rejects.toThrow(
    /no such host[\s\S]*go install[\s\S]*no network[\s\S]*put `temporal` on PATH, or install Go/,
  );
  expect(await readdir(cacheDir)).toEqual([]);
});

test('a cached binary that is damaged is replaced', async () => {
  await program(join(cacheDir, cachedName), 'exit 139');
  await program(
    join(bin, 'go'),
    `printf '#!/bin/sh\\necho temporal version 0.0.0-DEV\\n' > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"`,
  );
  const built = await find();
  await access(built);
  expect(said.join('\n')).toContain('cached Temporal CLI is replaced');
});
