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
