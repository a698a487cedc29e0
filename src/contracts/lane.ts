/** Bulk work has a task queue with few slots of its own, so that an import does not make a single deal wait. */
export type Lane = 'normal' | 'bulk';

export function bulkTaskQueue(taskQueue: string): string {
  return `${taskQueue}-bulk`;
}

/** A sweep, or a minute of webhooks, that starts more runs than this is an import. */
export const MAX_NORMAL_STARTS = 20;

export function laneFor(startCount: number, maxNormalStarts = MAX_NORMAL_STARTS): Lane {
  return startCount > maxNormalStarts ? 'bulk' : 'normal';
}
