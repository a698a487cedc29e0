import { cp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { makePrivateFolder } from '../config/local-folder.ts';
import type { StoreSchema } from './schema.ts';

const KEPT = 3;
/** A copy is named after its instant, without what file names cannot have. */
const NAME = /^\d{4}-\d{2}-\d{2}T\d{6}Z$/;

export function copiesFolder(folder: string): string {
  return join(folder, 'copies');
}

/** Names of the copies, newest first. */
export async function listCopies(folder: string): Promise<readonly string[]> {
  const names = await readdir(copiesFolder(folder)).catch(() => []);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

/** When the newest copy was made, in milliseconds since the epoch; null: there is none. */
export async function lastCopyAt(folder: string): Promise<number | null> {
  const [newest] = await listCopies(folder);
  if (newest === undefined) return null;
  return Date.parse(newest.replace(/T(\d\d)(\d\d)(\d\d)Z$/, 'T$1:$2:$3Z'));
}

/**
 * Copies the files of the open embedded database, which waits meanwhile: a quarter of a second for a small one. Nothing
 * else writes them: the database works in this process alone, and its one connection is held. The oldest copies go.
 * Returns the folder of the copy, which takes the place of `data` to restore it.
 */
export async function copyEmbedded(
  db: Kysely<StoreSchema>,
  folder: string,
  now = Date.now(),
): Promise<string> {
  const copies = copiesFolder(folder);
  await makePrivateFolder(copies);
  const name = new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
  const draft = join(copies, `${name}.draft`);
  const copy = join(copies, name);
  try {
    await db.connection().execute(async (held) => {
      await sql`checkpoint`.execute(held);
      await cp(join(folder, 'data'), draft, { recursive: true, errorOnExist: true, force: false });
    });
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  for (const old of (await listCopies(folder)).slice(KEPT))
    await rm(join(copies, old), { recursive: true, force: true });
  return copy;
}

/** One copy of what stands there now, instead of all that were made before. */
export async function renewCopies(db: Kysely<StoreSchema>, folder: string): Promise<void> {
  await rm(copiesFolder(folder), { recursive: true, force: true });
  await copyEmbedded(db, folder);
}
