import type { Logger } from '../observability/logging.ts';
import type { SeatOperations } from '../runs/seat-operations.ts';

const EVERY_MS = 3_000;
/** Who asks starts the run by themselves: what is older was left behind. */
const OLD_MS = 2_000;
/** What was asked before this process began may have been asked of the one before it, just now. */
const AT_START_MS = 0;

/**
 * Looks for operations on seats that were asked for and never started, because the process that asked died or Temporal was
 * away: at once, and then every few seconds. A look costs one short query; each start may be repeated.
 */
export function startSeatOperations(
  { startDue }: Pick<SeatOperations, 'startDue'>,
  {
    logger,
    everyMs = EVERY_MS,
    now,
  }: {
    readonly logger: Pick<Logger, 'warn' | 'info'>;
    readonly everyMs?: number;
    readonly now: () => number;
  },
): { readonly stop: () => void } {
  let isLooking = false;
  const look = async (minAgeMs: number) => {
    if (isLooking) return;
    isLooking = true;
    try {
      const started = await startDue({ now: new Date(now()), minAgeMs });
      if (started > 0) logger.info({ started }, 'Started changes of seats that were left behind');
    } catch (error) {
      logger.warn({ error: String(error) }, 'Could not look for changes of seats that were left behind');
    } finally {
      isLooking = false;
    }
  };
  void look(AT_START_MS);
  const timer = setInterval(() => void look(OLD_MS), everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
