import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { CodeVault } from '../../src/store/code-vault.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import type { StoreSchema } from '../../src/store/schema.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

export async function openMemoryStore(): Promise<SeatStore & { close(): Promise<void> }> {
  const db = new Kysely<StoreSchema>({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
  const vault = new CodeVault([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }]);
  return { db, vault, close: () => db.destroy() };
}
