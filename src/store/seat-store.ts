import type { Kysely } from 'kysely';
import type { CodeVault } from './code-vault.ts';
import type { StoreSchema } from './schema.ts';

/** The ledger of seats, opened. Passed to every function that reads or changes it. */
export interface SeatStore {
  readonly db: Kysely<StoreSchema>;
  readonly vault: CodeVault;
}
