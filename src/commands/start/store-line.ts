import type { StoreDatabase } from '../../store/database.ts';

export type StoreFacts = Pick<StoreDatabase, 'kind' | 'version' | 'place'>;

/** Where seats are kept, and what that promises. */
export function storeLine({ kind, version, place }: StoreFacts): string {
  return kind === 'postgresql'
    ? `PostgreSQL ${version}, ${place}`
    : `embedded database in ${place}: one process, no promise against power loss (DATABASE_URL)`;
}
