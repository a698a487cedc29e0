import { setTimeout as wait } from 'node:timers/promises';
import { DealseatError } from '../../src/domain/failure.ts';

const DEADLINE_MS = 150_000;

/** Repeats what a caller asks for, as long as it fails in a foreseen way. Returns the codes of the failures. */
export async function repeatUntilDone(act: () => Promise<void>): Promise<string[]> {
  const codes: string[] = [];
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const failure = await act().then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null) return codes;
    // A bug is not a foreseen failure; and a caller who waits for ever is not helped.
    if (!(failure instanceof DealseatError) || Date.now() > deadline) throw failure;
    codes.push(failure.code);
    await wait(Math.min(failure.retryAfterMs ?? 100, 35_000));
  }
}
