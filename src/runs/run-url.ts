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

export const ALL = 'WorkflowType="provisionDeal"';

/** Of every deal that needs a person. */
export const WAITING = 'DealseatStatus="NeedsAttention" AND ExecutionStatus="Running"';

/** Changes of seats that need a person. */
export const WAITING_OPERATIONS = `WorkflowType="operateOnSeat" AND ${WAITING}`;

/** Page with the runs that a query finds; null when no UI is known. */
export function viewUrl({ uiUrl, namespace }: RunPages, query: string): string | null {
  if (uiUrl === null) return null;
  const path = `namespaces/${encodeURIComponent(namespace)}/workflows`;
  return `${uiUrl.replace(/\/+$/, '')}/${path}?query=${encodeURIComponent(query)}`;
}
