import type { Patience } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { failingSince } from './earlier-attempts.ts';

/** Asked once about each failure, so that an attempt that waits for nothing more does not change its mind. */
const decided = new WeakMap<DealseatError, boolean>();

/** Whether a failure is to be repeated, though its class says that a person is needed or that nothing helps. */
export function mayStillPass(error: unknown, { patienceMs = 0 }: Patience): boolean {
  if (!(error instanceof DealseatError) || !error.mayPass) return false;
  const known = decided.get(error);
  if (known !== undefined) return known;
  const mayPass = patienceMs > 0 && Date.now() - failingSince() < patienceMs;
  decided.set(error, mayPass);
  return mayPass;
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
  return new DealseatError({ code, message, retryAfterMs, cause });
}
