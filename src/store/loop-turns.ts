import { setImmediate } from 'node:timers/promises';

/** So long the thread may work on before others get their turn. */
const TURN_MS = 15;

/**
 * A database within this thread answers by promises alone: until a long transaction ends, no timer, heartbeat or request of
 * the process would get its turn. Awaited after each statement, this lets them have it.
 */
export function loopTurns(): () => Promise<void> {
  let turnedAt = 0;
  return async () => {
    if (performance.now() - turnedAt < TURN_MS) return;
    await setImmediate();
    turnedAt = performance.now();
  };
}
