import { createVault, parseSecretKeys } from '../../src/config/secret-keys.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { embeddedImage } from './store.ts';

/** With a key that is no secret. */
export const testVault = createVault(parseSecretKeys(`test:${Buffer.alloc(32, 7).toString('base64')}`) ?? []);

/** An empty ledger of seats in memory. */
export async function openSeatStore(): Promise<SeatStore & { close(): Promise<void> }> {
  const store = await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  return { db: store.db, vault: testVault, close: () => store.close() };
}
