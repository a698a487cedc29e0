import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sealer } from '../domain/deal/ledger.ts';
import { type Config, ConfigError, requireSecretKeys } from './config.ts';
import { makePrivateFolder } from './local-folder.ts';
import { createSealer, parseSecretKeys, SECRET_KEYS_FORM, type SecretKey } from './secret-keys.ts';

export function secretKeyFile(folder: string): string {
  return join(folder, 'secret-keys');
}

/** What a worker seals with. Throws `ConfigError` when the variable is unset and no folder is to stand in for it. */
export async function sealerOf(
  config: Pick<Config, 'secretKeys'>,
  { fallbackFolder }: { readonly fallbackFolder: string | null },
): Promise<Sealer> {
  if (config.secretKeys === null && fallbackFolder !== null) {
    return createSealer((await readOrMakeSecretKeys(fallbackFolder)).keys);
  }
  return createSealer(requireSecretKeys(config));
}

/** The keys that `folder` keeps; made there at the first call. Throws `ConfigError` when they are not secret any more. */
export async function readOrMakeSecretKeys(
  folder: string,
): Promise<{ readonly keys: readonly SecretKey[]; readonly isNew: boolean }> {
  const kept = await readSecretKeys(folder);
  if (kept !== null) return { keys: kept, isNew: false };
  const isNew = await makeFile(folder);
  const keys = await readSecretKeys(folder);
  if (keys === null) throw new Error(`${secretKeyFile(folder)} was removed while it was being read`);
  return { keys, isNew };
}

/** Null when the folder has none. Throws `ConfigError` when they cannot be used. */
export async function readSecretKeys(folder: string): Promise<readonly SecretKey[] | null> {
  const file = secretKeyFile(folder);
  const handle = await unless('ENOENT', open(file, 'r'));
  if (handle === null) return null;
  try {
    const mode = (await handle.stat()).mode & 0o777;
    // Windows has no such modes: there the folder of the user is what protects it.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw readableByOthers(file, mode);
    const keys = parseSecretKeys((await handle.readFile('utf8')).trim());
    if (keys === null)
      throw unusable(`is unset, and ${file} holds something else; expected ${SECRET_KEYS_FORM}`);
    return keys;
  } finally {
    await handle.close();
  }
}

function readableByOthers(file: string, mode: number): ConfigError {
  const found = mode.toString(8).padStart(4, '0');
  return unusable(
    `is unset, and ${file} can be read by others (mode ${found}, expected 0600). Run \`chmod 600 ${file}\`; if somebody may have read it, put a new key in front of the one in it (\`<id>:<base64>,\`)`,
  );
}

function unusable(message: string): ConfigError {
  return new ConfigError([{ variable: 'DEALSEAT_SECRET_KEYS', message }]);
}

/** Whole or not at all. False when another process was faster: then its file stays. */
async function makeFile(folder: string): Promise<boolean> {
  await makePrivateFolder(folder, { isOurs: true });
  const file = secretKeyFile(folder);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`start-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}\n`);
    await handle.sync();
    // Unlike a rename, a link never replaces the keys of somebody who started at the same time.
    return (await unless('EEXIST', link(draft, file))) !== null;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

/** Null instead of that one failure of the file system. */
async function unless<T>(code: string, call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return null;
    throw error;
  }
}
