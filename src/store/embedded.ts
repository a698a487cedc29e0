import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery, type Dialect, PGliteDialect } from 'kysely';
import { PARSERS } from './column-types.ts';
import { keptImage } from './embedded-image.ts';

/** The part of PGlite that we use; its module is loaded when an embedded database is opened. */
type Embedded = import('@electric-sql/pglite').PGlite;

/** One process with one connection needs no room for many: this is 130 MB less than PostgreSQL's own settings take. */
const SMALL = ['shared_buffers=8MB', 'wal_buffers=64kB', 'max_connections=3'].flatMap((setting) => [
  '-c',
  setting,
]);

/**
 * PostgreSQL inside this process, with its files in `data` of the folder; null: in memory. It takes no lock on them and does
 * not wait until the disk has what it writes: `EmbeddedLock` keeps other processes away, and nothing helps against power
 * loss. A new database is made from the image where there is one.
 */
export async function openEmbedded(
  folder: string | null,
  { image }: { readonly image?: Blob | undefined } = {},
): Promise<Embedded> {
  const { PGlite } = await import('@electric-sql/pglite');
  const create = (dataDir?: string, loadDataDir?: Blob) =>
    PGlite.create({
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(loadDataDir === undefined ? {} : { loadDataDir }),
      startParams: [...PGlite.defaultStartParams, ...SMALL],
      parsers: { ...PARSERS },
    });
  if (folder === null) return create(undefined, image);
  const data = join(folder, 'data');
  if (!(await exists(data))) {
    // In its place only when it is whole: a process may be killed meanwhile.
    const draft = join(folder, 'data.new');
    await rm(draft, { recursive: true, force: true });
    await (await create(draft, image ?? (await keptImage()))).close();
    await rename(draft, data);
  }
  return create(data);
}

export function embeddedDialect(embedded: Embedded): Dialect {
  return new PGliteDialect({
    pglite: embedded,
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw("set timezone to 'UTC'"));
    },
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
