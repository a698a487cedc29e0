/** Bulk work has a task queue with few slots of its own, so that an import does not make a single deal wait. */
export type Lane = 'normal' | 'bulk';

export function bulkTaskQueue(taskQueue: string): string {
  return `${taskQueue}-bulk`;
}

/** A batch or sweep that starts more runs than this is an import. */
const MAX_NORMAL_STARTS = 20;

export function laneFor(startCount: number): Lane {
  return startCount > MAX_NORMAL_STARTS ? 'bulk' : 'normal';
}
