import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bringProgram } from '../../scripts/setup/bring-program.ts';
import { findProgram, versionFolders } from '../../scripts/setup/find-program.ts';

const PROGRAM = {
  title: 'Abacus',
  names: ['abacus', 'abacus-bin'],
  aptPackage: 'abacus-core',
  purpose: 'which the sums are checked with',
  usualTime: 'a minute or two',
  lack: 'NOT RUN: test/sums.',
};

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-programs-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, script = 'exit 0'): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

async function bring(isRoot = true): Promise<{ path: string | null; said: string[] }> {
  const said: string[] = [];
  const path = await bringProgram(PROGRAM, (line) => said.push(line), { env: { PATH: folder }, isRoot });
  return { path, said };
}

describe('a program that some tests need', () => {
  test('is used without a word where it stands', async () => {
    const file = await put('abacus-bin');
    expect(await bring()).toEqual({ path: file, said: [] });
  });

  test('is installed as root, and a person reads first what it is for and how long it may take', async () => {
    const place = join(folder, 'abacus');
    await put(
      'apt-get',
      `case "$*" in *install*abacus-core) printf x > ${place}; /bin/chmod +x ${place};; esac`,
    );
    const { path, said } = await bring();
    expect(path).toBe(place);
    expect(said).toEqual([
      'Installing Abacus with apt-get, which the sums are checked with: a minute or two, once, at most 5 minutes …',
    ]);
  });

  test('that apt-get cannot install: a person reads what apt-get said, what is not run, and the package', async () => {
    await put(
      'apt-get',
      `case "$*" in *install*) echo "E: Unable to locate package abacus-core" >&2; exit 100;; esac`,
    );
    const { path, said } = await bring();
    expect(path).toBeNull();
    expect(said.slice(1)).toEqual([
      'apt-get install ended with exit code 100:\n    E: Unable to locate package abacus-core',
      'NOT RUN: test/sums. Abacus is not installed (abacus, abacus-bin). Install the package abacus-core.',
    ]);
  });

  test('is installed although the list of packages could not be brought up to date', async () => {
    const place = join(folder, 'abacus');
    await put(
      'apt-get',
      `case "$*" in *update*) exit 1;; *) printf x > ${place}; /bin/chmod +x ${place};; esac`,
    );
    expect(await bring()).toMatchObject({ path: place, said: { length: 1 } });
  });

  test('is not installed for a user who would have to enter a password', async () => {
    await put('apt-get', 'exit 3');
    const { path, said } = await bring(false);
    expect(path).toBeNull();
    expect(said).toHaveLength(1);
  });
});

describe('the search for a program', () => {
  test('prefers PATH, then takes the folders in their order', async () => {
    await mkdir(join(folder, 'beside'));
    const beside = await put('beside/abacus');
    const places = { env: { PATH: folder }, folders: [join(folder, 'beside')] };
    expect(findProgram(['abacus'], places)).toBe(beside);
    const onPath = await put('abacus');
    expect(findProgram(['abacus'], places)).toBe(onPath);
  });

  test('passes over a file that is not executable', async () => {
    await chmod(await put('abacus'), 0o644);
    expect(findProgram(['abacus'], { env: { PATH: folder } })).toBeNull();
  });

  test('looks into the newest version first, as a number', async () => {
    for (const version of ['9', '10', '16']) await mkdir(join(folder, version));
    expect(versionFolders(folder, 'bin')).toEqual(
      ['16', '10', '9'].map((version) => join(folder, version, 'bin')),
    );
    expect(versionFolders(join(folder, 'absent'), 'bin')).toEqual([]);
  });
});
