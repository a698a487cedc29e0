import { setTimeout as pause } from 'node:timers/promises';
import { Context, sleep } from '@temporalio/activity';
import { DealseatError } from '../src/domain/failure.ts';

/** The signal that ends this attempt's calls when the run is cancelled or the worker drains. */
export function cancellationSignal(): AbortSignal {
  return Context.current().cancellationSignal;
}

interface Word<T> {
  readonly attempt: number;
  readonly left: T;
}

/**
 * What the attempt before left word of with `leaveWord`; null when it left none, because it was killed or timed out, so
 * that it may have done anything.
 */
export function wordOfAttemptBefore<T>(): T | null {
  const { attempt, heartbeatDetails } = Context.current().info;
  const word: Partial<Word<T>> | undefined = heartbeatDetails;
  return word?.attempt === attempt - 1 ? (word.left ?? null) : null;
}

/** For the next attempt: travels as the details of a heartbeat, so it holds no codes. */
export function leaveWord(left: unknown): void {
  const word: Word<unknown> = { attempt: Context.current().info.attempt, left };
  Context.current().heartbeat(word);
}

const HAS_NOT_ACTED = 'has not acted';

/**
 * Whether an earlier attempt may have carried out the effect. True after any attempt that did not say otherwise:
 * a killed worker or a time-out says nothing.
 */
export function earlierAttemptMayHaveActed(): boolean {
  return Context.current().info.attempt > 1 && wordOfAttemptBefore() !== HAS_NOT_ACTED;
}

/**
 * Runs an attempt at an effect and leaves word for the next attempt when its failure proves that nothing happened,
 * so that a refused call does not cost the next attempt a patient look.
 */
export async function markingSafeFailures<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof DealseatError && error.class !== 'ambiguous') leaveWord(HAS_NOT_ACTED);
    throw error;
  }
}

interface Patience {
  readonly lookUpMs: number;
  readonly lookUpIntervalMs: number;
  /** Goes on looking after a cancel; `look` must not listen to the signal either. */
  readonly isShielded?: boolean;
}

/** Looks until something is found or patience ends; the last look is after the end. */
export async function lookPatiently<T>(look: () => Promise<T | null>, patience: Patience): Promise<T | null> {
  const end = Date.now() + patience.lookUpMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() >= end) return null;
    const pauseMs = Math.min(patience.lookUpIntervalMs, Math.max(1, end - Date.now()));
    await (patience.isShielded ? pause(pauseMs) : sleep(pauseMs));
  }
}
