import { setTimeout as pause } from 'node:timers/promises';
import { Context, sleep } from '@temporalio/activity';
import { currentLease } from '../src/clients/lease.ts';
import { DealseatError } from '../src/domain/failure.ts';

const signals = new WeakMap<Context, AbortSignal>();

/** The signal that ends this attempt's calls when the run is cancelled, the worker drains or the lease ends. */
export function cancellationSignal(): AbortSignal {
  const context = Context.current();
  const known = signals.get(context);
  if (known !== undefined) return known;
  const lease = currentLease();
  const cancelled = context.cancellationSignal;
  const signal = lease === undefined ? cancelled : AbortSignal.any([cancelled, lease.signal]);
  signals.set(context, signal);
  return signal;
}

interface Word<T> {
  readonly attempt: number;
  readonly left?: T;
  /** Since when each attempt has failed in a way that may pass, in milliseconds since the epoch. */
  readonly failingSince?: number;
}

/** What this attempt has left so far: a heartbeat takes the place of the one before. */
const words = new WeakMap<Context, Omit<Word<unknown>, 'attempt'>>();

/**
 * What the attempt before left word of with `leaveWord`; null when it left none, because it was killed or timed out, so
 * that it may have done anything.
 */
export function wordOfAttemptBefore<T>(): T | null {
  return wordBefore<T>()?.left ?? null;
}

function wordBefore<T>(): Word<T> | null {
  const { attempt, heartbeatDetails } = Context.current().info;
  const word: Word<T> | undefined = heartbeatDetails;
  return word?.attempt === attempt - 1 ? word : null;
}

/** For the next attempt: travels as the details of a heartbeat, so it holds no codes. */
export function leaveWord(left: unknown): void {
  leave({ left });
}

function leave(part: Omit<Word<unknown>, 'attempt'>): void {
  const context = Context.current();
  const word = { ...words.get(context), ...part };
  words.set(context, word);
  const said: Word<unknown> = { attempt: context.info.attempt, ...word };
  const lease = currentLease();
  if (lease !== undefined) lease.word = said;
  context.heartbeat(said);
}

/** Since when every attempt has failed in a way that may pass; from now on, if the one before did not. */
export function failingSince(): number {
  const since = wordBefore()?.failingSince ?? Date.now();
  leave({ failingSince: since });
  return since;
}

const HAS_NOT_ACTED = 'has not acted';

/** For an attempt that has found out, after it failed, that nothing happened. */
export function leaveWordThatNothingHappened(): void {
  leaveWord(HAS_NOT_ACTED);
}

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
    if (error instanceof DealseatError && error.class !== 'ambiguous') leaveWordThatNothingHappened();
    throw error;
  }
}

interface Looking {
  /** From the first look on; asked after each of them. */
  readonly patienceMs: () => number;
  readonly longestPauseMs: number;
  /** Goes on looking after a cancel; `look` must not listen to the signal either. */
  readonly isShielded?: boolean;
}

const FIRST_PAUSE_MS = 1_000;
const GROWTH = 4;

/** Looks at once and then in growing gaps until something is found or patience ends; the last look is after the end. */
export async function lookPatiently<T>(look: () => Promise<T | null>, looking: Looking): Promise<T | null> {
  const { patienceMs, longestPauseMs, isShielded } = looking;
  // Not by a clock that can be set: set forward, it would cut the look short.
  const began = performance.now();
  let nextPauseMs = FIRST_PAUSE_MS;
  // A timer may fire some milliseconds early, which is no reason for one more look.
  let waitedFor = began;
  for (;;) {
    const end = began + patienceMs();
    const isLast = Math.max(performance.now(), waitedFor) >= end;
    const found = await look();
    if (found !== null || isLast) return found;
    const restMs = Math.max(1, Math.ceil(end - performance.now()));
    const pauseMs = Math.min(nextPauseMs, longestPauseMs, restMs);
    if (pauseMs === restMs) waitedFor = end;
    await (isShielded ? pause(pauseMs) : sleep(pauseMs));
    nextPauseMs *= GROWTH;
  }
}
