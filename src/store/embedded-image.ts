import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../config/local-folder.ts';

/** Raised when PGlite makes its files in another way: with its major version of PostgreSQL, at the least. */
const NAME = 'pglite-0.5.17-postgresql-18.tar';

const FOLDER = cacheFolder('embedded-database');

/** The image that this machine has; undefined: none yet. */
export async function keptImage(folder = FOLDER): Promise<Blob | undefined> {
  return readFile(join(folder, NAME)).then(
    (bytes) => new Blob([bytes]),
    () => undefined,
  );
}

/**
 * The files of an empty embedded database, made once a machine, because it takes two seconds and all are alike. For
 * databases that are made often and not kept: the demo's, the sandbox's and those of tests.
 */
export async function embeddedImage(folder = FOLDER): Promise<Blob> {
  const kept = await keptImage(folder);
  if (kept !== undefined) return kept;
  const file = join(folder, NAME);
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create();
  const image = await database.dumpDataDir('none');
  await database.close();
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, image.stream());
    await rename(draft, file);
  } catch {
    // A read-only installation makes it anew each time.
    await rm(draft, { force: true }).catch(() => undefined);
  }
  return image;
}
