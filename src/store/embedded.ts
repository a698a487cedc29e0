import { join } from 'node:path';
import { CompiledQuery, type Dialect, PGliteDialect } from 'kysely';
import { PARSERS } from './column-types.ts';

/** The part of PGlite that we use; its module is loaded when an embedded database is opened. */
type Embedded = import('@electric-sql/pglite').PGlite;

/**
 * PostgreSQL inside this process, with its files in `folder`; null: in memory. It takes no lock on them and does not wait
 * until the disk has what it writes: `EmbeddedLock` keeps other processes away, and nothing helps against power loss.
 */
export async function openEmbedded(
  folder: string | null,
  { image }: { readonly image?: Blob | undefined } = {},
): Promise<Embedded> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create({
    ...(folder === null ? {} : { dataDir: join(folder, 'data') }),
    ...(image === undefined ? {} : { loadDataDir: image }),
    parsers: { ...PARSERS },
  });
}

export function embeddedDialect(embedded: Embedded): Dialect {
  return new PGliteDialect({
    pglite: embedded,
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw("set timezone to 'UTC'"));
    },
  });
}
