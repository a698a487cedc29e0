import { setTimeout as wait } from 'node:timers/promises';

/** Long, because a deadline costs nothing where a test passes, and a lost attempt comes back only by its bound. */
export const WAIT_MS = 300_000;

/** Waits for a condition; at the deadline the error names what never came. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  deadlineMs = WAIT_MS,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}`);
    await wait(20);
  }
}
