import { setTimeout as delay } from 'node:timers/promises';

/** Whether the work ended in time; throws what it throws by then. It goes on where it did not. */
export async function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      delay(budgetMs, false, { signal: timer.signal }).catch(() => false),
    ]);
  } finally {
    timer.abort();
  }
}
