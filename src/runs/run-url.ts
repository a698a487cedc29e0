export interface RunPages {
  /** Root of the Temporal UI, or null when nobody told. */
  readonly uiUrl: string | null;
  readonly namespace: string;
}

/** Page of a run in the Temporal UI; the bare workflow id when no UI is known. */
export function runUrl({ uiUrl, namespace }: RunPages, workflowId: string, runId?: string): string {
  if (uiUrl === null) return workflowId;
  const parts = [
    'namespaces',
    namespace,
    'workflows',
    workflowId,
    ...(runId === undefined ? [] : [runId, 'history']),
  ];
  return [uiUrl.replace(/\/+$/, ''), ...parts.map(encodeURIComponent)].join('/');
}

const WAITS = 'ExecutionStatus="Running" AND DealseatStatus="NeedsAttention"';

/** Queries of runs, as an operator may save them in the Temporal UI. */
export const VIEWS = {
  deals: 'WorkflowType="provisionDeal"',
  /** Deals that need a person. */
  waitingDeals: `WorkflowType="provisionDeal" AND ${WAITS}`,
  /** Changes of seats that need a person. */
  waitingOperations: `WorkflowType="operateOnSeat" AND ${WAITS}`,
} as const;

/** Page with the runs that a query finds; null when no UI is known. */
export function viewUrl({ uiUrl, namespace }: RunPages, query: string): string | null {
  if (uiUrl === null) return null;
  const path = `namespaces/${encodeURIComponent(namespace)}/workflows`;
  return `${uiUrl.replace(/\/+$/, '')}/${path}?query=${encodeURIComponent(query)}`;
}
