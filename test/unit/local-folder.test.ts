import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeFilesPrivate, makePrivateFolder } from '../../src/config/local-folder.ts';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'dealseat-local-'));
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('a folder that is made is its user’s alone', async () => {
  const folder = join(parent, 'data', 'dealseat');
  await makePrivateFolder(folder);
  expect(await modeOf(folder)).toBe(0o700);
});

test('our own folder is taken from others; one that somebody chose stays as it is', async () => {
  const folder = join(parent, 'shared');
  await mkdir(folder);
  await chmod(folder, 0o755);
  await makePrivateFolder(folder);
  expect(await modeOf(folder)).toBe(0o755);
  await makePrivateFolder(folder, { isOurs: true });
  expect(await modeOf(folder)).toBe(0o700);
});

test('files that were open to others are not any more, and one that is missing is no fault', async () => {
  const file = join(parent, 'temporal.db');
  await writeFile(file, '');
  await chmod(file, 0o644);
  await makeFilesPrivate([file, join(parent, 'temporal.db-wal')]);
  expect(await modeOf(file)).toBe(0o600);
});
