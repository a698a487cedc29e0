import type { StoreDeskOptions } from '../seats/store-desk.ts';
import type { StoreDatabase } from '../store/database.ts';
import { renewCopies } from '../store/embedded-copies.ts';

/** Copies of an embedded database would keep a person who was erased. */
export function erasingCopies({
  db,
  lock,
}: Pick<StoreDatabase, 'db' | 'lock'>): Pick<StoreDeskOptions, 'onErased'> {
  return lock === null ? {} : { onErased: () => renewCopies(db, lock.folder) };
}
