import type { Patience } from '../src/contracts/activities.ts';
import { DealseatError, IS_REPEATED } from '../src/domain/failure.ts';
import { failingSince } from './earlier-attempts.ts';

/** Asked once about each failure, so that an attempt that waits for nothing more does not change its mind. */
const decided = new WeakMap<DealseatError, boolean>();

/** Whether a failure that may pass is repeated once more, before it is believed. */
export function mayStillPass(error: unknown, patience: Patience): boolean {
  if (!(error instanceof DealseatError) || !error.mayPass) return false;
  const known = decided.get(error);
  if (known !== undefined) return known;
  const mayPass = isWaitedFor(error, patience);
  decided.set(error, mayPass);
  return mayPass;
}

function isWaitedFor({ class: its }: DealseatError, { patienceMs = 0, isAttended }: Patience): boolean {
  // What a person must mend is told at once to one who waits for the answer; a lock is no answer.
  if (patienceMs === 0 || (isAttended && !IS_REPEATED[its])) return IS_REPEATED[its];
  return Date.now() - failingSince() < patienceMs;
}

/** Whether the step that meets this failure is tried again. */
export function isRepeated(error: unknown, patience: Patience): error is DealseatError {
  if (!(error instanceof DealseatError)) return false;
  return error.mayPass ? mayStillPass(error, patience) : IS_REPEATED[error.class];
}

type Steps<S> = { readonly [Name in keyof S]: (input: never) => Promise<unknown> };

/** The same steps, which believe a failure that may pass only when their patience is over. */
export function withPatience<S extends Steps<S>>(steps: S): S {
  const patient = Object.entries<Steps<S>[keyof S]>(steps).map(([name, step]) => [
    name,
    async (input: Patience) => {
      try {
        return await step(input as never);
      } catch (error) {
        throw mayStillPass(error, input) ? error : believed(error);
      }
    },
  ]);
  return Object.fromEntries(patient) as S;
}

function believed(error: unknown): unknown {
  if (!(error instanceof DealseatError) || !error.mayPass) return error;
  const { code, message, retryAfterMs, cause } = error;
  return new DealseatError({ code, message, retryAfterMs, cause, isBelieved: true });
}
