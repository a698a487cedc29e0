/** Bulk work has a task queue with slots of its own, so that an import does not make a single deal wait. */
export type Lane = 'normal' | 'bulk';

export function bulkTaskQueue(taskQueue: string): string {
  return `${taskQueue}-bulk`;
}

/** A sweep, or a minute of webhooks, that starts more runs than this is an import; a busy minute is not. */
export const MAX_NORMAL_STARTS = 200;

/**
 * Temporal's scale: 1 goes first, 5 last. The steps of a run inherit it; servers that know no priorities leave the order
 * of tasks as it is, but every request to a vendor is made in this order.
 */
export const PRIORITY: Readonly<Record<Lane, number>> = { normal: 3, bulk: 5 };

export function laneFor(startCount: number, maxNormalStarts = MAX_NORMAL_STARTS): Lane {
  return startCount > maxNormalStarts ? 'bulk' : 'normal';
}
