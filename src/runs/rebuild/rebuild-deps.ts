import type { Crm } from '../../clients/crm.ts';
import type { Lms } from '../../clients/lms.ts';
import type { Catalog } from '../../domain/deal/catalog.ts';
import type { CrmName } from '../../domain/deal/deal.ts';
import type { Sealer } from '../../domain/deal/ledger.ts';
import type { SeatStore } from '../../store/seat-store.ts';

/** What a rebuild and an audit look at: deals, platforms and store. */
export interface RebuildDeps {
  readonly crms: Readonly<Record<CrmName, Crm>>;
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly sealer: Sealer;
  readonly catalog: Catalog;
  readonly seats: SeatStore;
  readonly now: () => number;
}
