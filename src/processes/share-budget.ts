import type { RequestBudget } from '../clients/request-budget.ts';
import type { Logger } from '../observability/logging.ts';
import { countWorkers, type WorkerQueue } from '../temporal/fellow-workers.ts';

const LOOK_AGAIN_MS = 10_000;

/**
 * Divides a budget by the workers that Temporal sees on the task queue, now and every few seconds: so all workers of a
 * deployment keep one budget, on however many machines. While Temporal does not answer, the last count stands.
 */
export async function shareBudget(
  budget: RequestBudget,
  queue: WorkerQueue,
  logger: Logger,
): Promise<{ stop(): void }> {
  let shares = 1;
  const look = async (): Promise<void> => {
    try {
      const workers = await countWorkers(queue);
      if (workers === shares) return;
      shares = workers;
      budget.shareAmong(workers);
      logger.info({ workers }, 'The request budget of the learning platform is divided by the workers');
    } catch (error) {
      logger.warn({ err: error }, 'Temporal did not report how many workers share the request budget');
    }
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_AGAIN_MS).unref();
  return { stop: () => clearInterval(timer) };
}
