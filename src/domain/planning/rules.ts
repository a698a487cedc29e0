import type { CrmFacts } from '../deal/crm-facts.ts';
import type { Sha256Hex } from '../deal/ids.ts';
import type { Sealer } from '../deal/ledger.ts';

/** What a plan depends on beside the deal and the catalog. */
export interface PlanRules {
  readonly sha256: Sha256Hex;
  readonly sealer: Sealer;
  /** The calendar day that is not over yet, `YYYY-MM-DD`: codes that would be dead on arrival are a problem. */
  readonly today: string;
  readonly crm: CrmFacts;
  /** Who asked for the deal: a person may have what nobody else may. */
  readonly source: 'sweep' | 'event' | 'person';
  /** UTC instant from which deals are Dealseat's; null: always. */
  readonly wonSince: string | null;
  /** A close date that lies further before the win is one of imported history. */
  readonly closedLongAgoMs: number;
}
