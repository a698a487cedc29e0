import { Context } from '@temporalio/activity';
import type { Crm } from '../src/clients/crm.ts';
import type { Lms } from '../src/clients/lms.ts';
import type { Catalog } from '../src/domain/deal/catalog.ts';
import type { CrmFacts } from '../src/domain/deal/crm-facts.ts';
import type { CrmName, DealRef } from '../src/domain/deal/deal.ts';
import type { Sealer } from '../src/domain/deal/ledger.ts';
import type { SeatStore } from '../src/store/seat-store.ts';
import type { Lags } from './lags.ts';

/** Everything activities act on. Made once a worker by `src/processes/clients.ts`. */
export interface ActivityDeps {
  /** By name. */
  readonly platforms: Readonly<Record<string, Lms>>;
  readonly crms: Readonly<Record<CrmName, Crm>>;
  readonly crmFacts: Readonly<Record<CrmName, CrmFacts>>;
  readonly catalog: Catalog;
  /** Namespace and its id: what tells this deployment from another one that serves the same accounts. */
  readonly deployment: string;
  /** Where the sweep of each CRM begins, a UTC instant: deals that were won before were there before Dealseat. */
  readonly wonSince: Readonly<Partial<Record<CrmName, string>>>;
  /** Seals ledgers with a secret of the deployment. */
  readonly sealer: Sealer;
  /** How late accounts show what was made there. */
  readonly lags: Lags;
  /** Absent: the CRM's link fields alone say who has which seat. */
  readonly seats?: SeatStore;
  /** Writes the seats of a deal into the store again, as deal, platform and contacts know them. Absent: nobody does. */
  readonly rebuild?: (deal: DealRef, signal: AbortSignal) => Promise<unknown>;
  /** Page of a run for people; falls back to the workflow id when no UI is known. */
  readonly runUrl: (workflowId: string, runId: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Page of the run that this step belongs to; nothing outside of one. */
export function ownRun({ runUrl }: Pick<ActivityDeps, 'runUrl'>): { readonly run?: string } {
  const { workflowExecution: execution } = Context.current().info;
  return execution ? { run: runUrl(execution.workflowId, execution.runId) } : {};
}

/**
 * The client of the deal's CRM account. That a worker has none is a fault of its set-up, not of the deal, so it is
 * an ordinary error: the activity is repeated, perhaps by a worker that has one.
 */
export function crmOf(deps: Pick<ActivityDeps, 'crms'>, deal: Pick<DealRef, 'crm' | 'account'>): Crm {
  const crm = deps.crms[deal.crm];
  if (crm === undefined) {
    throw new Error(`This worker has no ${deal.crm} credentials; set its variables (see .env.example)`);
  }
  if (crm.account !== deal.account) {
    throw new Error(`This worker serves ${deal.crm} account ${crm.account}, not ${deal.account}`);
  }
  return crm;
}

/** The client of a learning platform, by the name that plans and ledgers have for it. */
export function platformOf(deps: Pick<ActivityDeps, 'platforms'>, name: string): Lms {
  const lms = deps.platforms[name];
  if (lms === undefined) throw new Error(`This worker has no learning platform "${name}"`);
  return lms;
}

export function crmFactsOf(deps: Pick<ActivityDeps, 'crmFacts'>, crm: CrmName): CrmFacts {
  const facts = deps.crmFacts[crm];
  if (facts === undefined) throw new Error(`This worker knows no CRM "${crm}"`);
  return facts;
}
