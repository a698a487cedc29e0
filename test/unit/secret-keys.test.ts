import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { secretKeysCheck } from '../../src/commands/doctor/secret-keys.ts';
import { ConfigError, loadConfig } from '../../src/config/config.ts';
import { readOrMakeSecretKeys, sealerOf, secretKeyFile } from '../../src/config/secret-key-file.ts';
import { createSealer, parseSecretKeys, type SecretKey } from '../../src/config/secret-keys.ts';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');

function keysOf(text: string): readonly SecretKey[] {
  const keys = parseSecretKeys(text);
  if (keys === null) throw new Error('The test has keys of no known form');
  return keys;
}

function faultsOf(work: () => unknown): ConfigError['faults'] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('DEALSEAT_SECRET_KEYS', () => {
  test('has the newest key first and prints none of them', () => {
    const { secretKeys } = loadConfig({ DEALSEAT_SECRET_KEYS: ` b:${NEW} , a:${OLD}` });
    expect(secretKeys?.map(({ id, key }) => [id, key.reveal()])).toEqual([
      ['b', NEW],
      ['a', OLD],
    ]);
    expect(inspect(secretKeys) + JSON.stringify(secretKeys)).not.toContain(NEW);
    expect(loadConfig({}).secretKeys).toBeNull();
  });

  test.each([
    ['no id', NEW],
    ['an id with a capital', `A:${NEW}`],
    ['an id of 21 characters', `${'a'.repeat(21)}:${NEW}`],
    ['an id twice', `a:${NEW},a:${OLD}`],
    ['a key of 31 bytes', `a:${Buffer.alloc(31, 3).toString('base64')}`],
    ['a key that lost its last character', `a:${NEW.slice(0, -1)}`],
    ['a key with a character that is no base64', `a:${NEW.replace('C', '_')}`],
    ['a pair too few', `a:${NEW},`],
    ['a blank in a key', `a:${NEW.slice(0, 9)} ${NEW.slice(9)}`],
  ])('with %s is refused under its name, with shape and cure and without the value', (_, text) => {
    const [fault, ...others] = faultsOf(() => loadConfig({ DEALSEAT_SECRET_KEYS: text }));
    expect(others).toEqual([]);
    expect(fault?.variable).toBe('DEALSEAT_SECRET_KEYS');
    expect(fault?.message).toMatch(/^expected id:key pairs, comma separated.*openssl rand -base64 32/);
    expect(fault?.message).not.toContain(NEW.slice(0, 9));
  });
});

describe('a seal', () => {
  const sealer = createSealer(keysOf(`b:${NEW},a:${OLD}`));

  test('names the newest key, and is known as long as its key is there', () => {
    const older = createSealer(keysOf(`a:${OLD}`));
    expect(sealer.seal('text')).toMatch(/^b\.[\w-]{43}$/);
    expect(sealer.isSealOf(sealer.seal('text'), 'text')).toBe(true);
    expect(sealer.isSealOf(older.seal('text'), 'text')).toBe(true);
    expect(older.isSealOf(sealer.seal('text'), 'text')).toBe(false);
  });

  test('is of one text only, and of one deployment only', () => {
    const foreign = createSealer(keysOf(`b:${OLD}`));
    expect(sealer.isSealOf(sealer.seal('text'), 'text.')).toBe(false);
    expect(sealer.isSealOf(foreign.seal('text'), 'text')).toBe(false);
  });

  test('is the HMAC-SHA-256 of the text, so that keys and seals can be checked elsewhere', () => {
    // printf text | openssl dgst -sha256 -mac HMAC -macopt hexkey:0202…02 -binary | basenc --base64url
    expect(sealer.seal('text')).toBe('b.-pKgsAxp3u30UcuEAo6ddYoALM30-FmkB5mv19vPpaA');
  });

  test.each(['', '.', 'b', 'b.', 'b.AAAA', `b.${'A'.repeat(43)}`, '__proto__.x', 'c.AAAA', 'b.ä'])(
    '%j is none, and no error',
    (seal) => {
      expect(sealer.isSealOf(seal, 'text')).toBe(false);
    },
  );

  test('with something behind it is none', () => {
    expect(sealer.isSealOf(`${sealer.seal('text')}.x`, 'text')).toBe(false);
    expect(sealer.isSealOf(`${sealer.seal('text')}=`, 'text')).toBe(false);
  });

  test('is made with a key or not at all', () => {
    expect(() => createSealer([])).toThrow('at least one key');
  });
});

describe('the keys of a machine', () => {
  let parent: string;
  let folder: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'dealseat-keys-'));
    folder = join(parent, '.dealseat');
  });

  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  const unset = { secretKeys: null };

  test('are made once, for their user alone, and are the same at the next start', async () => {
    const first = await sealerOf(unset, { fallbackFolder: folder });
    const next = await sealerOf(unset, { fallbackFolder: folder });
    expect(next.isSealOf(first.seal('text'), 'text')).toBe(true);
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(secretKeyFile(folder))).toBe(0o600);
    expect(await readdir(folder)).toEqual(['secret-keys']);
    expect((await readOrMakeSecretKeys(folder)).isNew).toBe(false);
  });

  test('can be given to the variable as they stand in the file', async () => {
    const here = await sealerOf(unset, { fallbackFolder: folder });
    const DEALSEAT_SECRET_KEYS = await readFile(secretKeyFile(folder), 'utf8');
    const elsewhere = await sealerOf(loadConfig({ DEALSEAT_SECRET_KEYS }), { fallbackFolder: null });
    expect(elsewhere.isSealOf(here.seal('text'), 'text')).toBe(true);
  });

  test('are the same for two that start at once', async () => {
    const both = await Promise.all([1, 2, 3, 4].map(() => readOrMakeSecretKeys(folder)));
    expect(new Set(both.map(({ keys }) => keys[0]?.id)).size).toBe(1);
    expect(both.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['secret-keys']);
  });

  test('are taken from others where an older folder was open', async () => {
    await mkdir(folder, { mode: 0o755 });
    await readOrMakeSecretKeys(folder);
    expect(await modeOf(folder)).toBe(0o700);
  });

  test('are refused once others can read them, with the way out', async () => {
    await readOrMakeSecretKeys(folder);
    const file = secretKeyFile(folder);
    await chmod(file, 0o640);
    const refusal = await readOrMakeSecretKeys(folder).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect(String(refusal)).toContain('DEALSEAT_SECRET_KEYS: is unset, and');
    expect(String(refusal)).toContain(
      `can be read by others (mode 0640, expected 0600). Run \`chmod 600 ${file}\``,
    );
    expect(await secretKeysCheck(unset, folder)).toMatchObject({ state: 'failed' });
  });

  test('are never replaced: a file that holds something else is refused, and not shown', async () => {
    await mkdir(folder, { mode: 0o700 });
    await writeFile(secretKeyFile(folder), 'my secret', { mode: 0o600 });
    const refusal = await readOrMakeSecretKeys(folder).catch((error: unknown) => error);
    expect(String(refusal)).toMatch(/secret-keys holds something else; expected id:key pairs/);
    expect(String(refusal)).not.toContain('my secret');
    expect(await readFile(secretKeyFile(folder), 'utf8')).toBe('my secret');
  });

  test('are of no use to a worker, which several machines run: it says how to make the variable', async () => {
    const refusal = await sealerOf(unset, { fallbackFolder: null }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect(String(refusal)).toMatch(/DEALSEAT_SECRET_KEYS: is not set.*openssl rand -base64 32/);
  });

  test('and those of the variable have a line of the doctor, which makes nothing', async () => {
    expect(await secretKeysCheck(unset, folder)).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('`dealseat start` makes keys in'),
    });
    expect(await readdir(parent)).toEqual([]);
    const { keys } = await readOrMakeSecretKeys(folder);
    expect(await secretKeysCheck(unset, folder)).toMatchObject({
      state: 'warning',
      found: expect.stringContaining(`seals with ${keys[0]?.id}`),
    });
    expect(await secretKeysCheck({ secretKeys: keysOf(`b:${NEW},a:${OLD}`) }, folder)).toEqual({
      state: 'ok',
      name: 'DEALSEAT_SECRET_KEYS',
      found: 'seals with b, knows a too',
      cure: null,
    });
  });
});
