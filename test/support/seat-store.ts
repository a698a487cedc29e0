import { sql } from 'kysely';
import { compareText } from '../../src/domain/compare-text.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { embeddedImage } from './store.ts';
import { testVault } from './test-vault.ts';

export interface TestSeatStore extends SeatStore {
  /** Empties it, for the next test. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** An empty ledger of seats in memory. */
export async function openSeatStore(): Promise<TestSeatStore> {
  const store = await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  return {
    db: store.db,
    vault: testVault,
    clear: async () => {
      await sql`truncate orders, findings, audit_log, redemptions, sync_positions restart identity cascade`.execute(
        store.db,
      );
    },
    close: () => store.close(),
  };
}

/** Its seats, in the order of their codes; ended ones come after the one that took their place. */
export async function seatsIn({ db, vault }: SeatStore) {
  const rows = await db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .leftJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select([
      'seats.id',
      'seats.state',
      'purpose',
      'ended_why',
      'contact_id',
      'learner_email',
      'learner_name',
    ])
    .select(['code_enc', 'codes.state as code_state', 'retired_why'])
    .orderBy('seats.ended_at', (by) => by.desc().nullsFirst())
    .execute();
  return rows
    .map(({ code_enc: enc, ...row }) => ({ ...row, code: enc === null ? null : vault.open(enc) }))
    .sort((a, b) => compareText(a.code ?? '', b.code ?? ''));
}
