import { Context } from '@temporalio/activity';
import type { Crm } from '../src/clients/crm.ts';
import type { Lms } from '../src/clients/lms.ts';
import type { Catalog } from '../src/domain/deal/catalog.ts';
import type { CrmName, DealRef } from '../src/domain/deal/deal.ts';

/** Everything activities act on. Made once a worker by `src/temporal/worker.ts`. */
export interface ActivityDeps {
  readonly lms: Lms;
  readonly crms: Readonly<Partial<Record<CrmName, Crm>>>;
  readonly catalog: Catalog;
  /** Namespace and its id: what tells this deployment from another one that serves the same accounts. */
  readonly deployment: string;
  /** Where the sweep of each CRM begins, a UTC instant: deals that were won before were there before Dealseat. */
  readonly wonSince: Readonly<Partial<Record<CrmName, string>>>;
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
 * The adapter of the deal's CRM account. That a worker has none is a fault of its set-up, not of the deal, so it is
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
