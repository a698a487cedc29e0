import type { StoreDeskOptions } from '../seats/store-desk.ts';
import type { StoreDatabase } from '../store/database.ts';
import { renewCopies } from '../store/embedded-copies.ts';

/** Copies of an embedded database would keep a person who was erased. */
export function erasingCopies({
  db,
  folder,
}: Pick<StoreDatabase, 'db' | 'folder'>): Pick<StoreDeskOptions, 'onErased'> {
  return folder === null ? {} : { onErased: () => renewCopies(db, folder) };
}
