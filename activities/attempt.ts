import { setTimeout as pause } from 'node:timers/promises';
import { Context, sleep } from '@temporalio/activity';
import { DealseatError } from '../src/domain/failure.ts';

/** The signal that ends this attempt's calls when the run is cancelled or the worker drains. */
export function cancellationSignal(): AbortSignal {
  return Context.current().cancellationSignal;
}

interface SafeFailureMark {
  readonly attempt: number;
  readonly hasActed: false;
}

/**
 * Whether an earlier attempt may have carried out the effect. True after any attempt that did not say otherwise:
 * a killed worker or a time-out says nothing.
 */
export function earlierAttemptMayHaveActed(): boolean {
  const { attempt, heartbeatDetails } = Context.current().info;
  if (attempt === 1) return false;
  const mark: Partial<SafeFailureMark> | undefined = heartbeatDetails;
  return !(mark?.attempt === attempt - 1 && mark.hasActed === false);
}

/**
 * Runs an attempt at an effect and leaves word for the next attempt when its failure proves that nothing happened,
 * so that a refused call does not cost the next attempt a patient search.
 */
export async function markingSafeFailures<T>(
  attempt: () => Promise<T>,
  hasActed: () => boolean = () => false,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!hasActed() && error instanceof DealseatError && error.class !== 'ambiguous') {
      const mark: SafeFailureMark = { attempt: Context.current().info.attempt, hasActed: false };
      Context.current().heartbeat(mark);
    }
    throw error;
  }
}

interface Patience {
  readonly settleMs: number;
  readonly settleIntervalMs: number;
  /** Goes on looking after a cancel; `look` must not listen to the signal either. */
  readonly isShielded?: boolean;
}

/** Looks until something is found or patience ends; the last look is after the end. */
export function lookPatiently<T>(look: () => Promise<T | null>, patience: Patience): Promise<T | null> {
  return lookUntil(Date.now() + patience.settleMs, look, patience);
}

/** The same for several looks that share one patience, which ends at `end` (milliseconds since the epoch). */
export async function lookUntil<T>(
  end: number,
  look: () => Promise<T | null>,
  patience: Omit<Patience, 'settleMs'>,
): Promise<T | null> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() >= end) return null;
    const pauseMs = Math.min(patience.settleIntervalMs, Math.max(1, end - Date.now()));
    await (patience.isShielded ? pause(pauseMs) : sleep(pauseMs));
  }
}
