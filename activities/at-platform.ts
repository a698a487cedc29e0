import type { Learners } from '../src/clients/learners.ts';
import type { OperationStep } from '../src/contracts/seat-operations.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { type AccessWork, readAccessWork } from '../src/store/access-work.ts';
import { noteOperation } from '../src/store/settle-operation.ts';
import { platformOf } from './deps.ts';
import { cancellationSignal, earlierAttemptMayHaveActed } from './earlier-attempts.ts';
import type { OperationDeps } from './operation-deps.ts';

interface Effect {
  /** Whether the platform shows that it has happened. False also where it does not say. */
  readonly hasHappened: () => Promise<boolean>;
  readonly act: () => Promise<void>;
}

/**
 * One change of access at the platform. Each may be made again, but what may have happened is looked up first, and the
 * store says meanwhile that it is not known.
 */
export async function atPlatform(
  deps: OperationDeps,
  { operation }: AccessWork,
  { hasHappened, act }: Effect,
): Promise<void> {
  const isDoubtful = operation.state === 'unknown' || earlierAttemptMayHaveActed();
  try {
    if (!(isDoubtful && (await hasHappened()))) await act();
  } catch (error) {
    if (mayHaveHappened(error)) {
      await noteOperation(deps.seats, operation.id, {
        state: 'unknown',
        outcome: error.message,
        failure_code: error.code,
      });
    }
    throw error;
  }
  if (operation.state === 'unknown') {
    await noteOperation(deps.seats, operation.id, { state: 'running', outcome: null, failure_code: null });
  }
}

function mayHaveHappened(error: unknown): error is DealseatError {
  return error instanceof DealseatError && (error.class === 'ambiguous' || error.class === 'retry');
}

/** Null: there is nothing left to do for the step. */
export async function workOf(
  deps: OperationDeps,
  { operationId }: OperationStep,
): Promise<(AccessWork & { readonly learners: Learners }) | null> {
  const work = await readAccessWork(deps.seats, operationId, new Date(deps.now()));
  return work && { ...work, learners: platformOf(deps, work.platform).learners };
}

/**
 * The platform's id of who has used the seat. Null: the platform has no such user, so there is no access. Throws
 * `seat.redeemer_unknown`.
 */
export async function userOf({
  learners,
  seat,
  userId,
  email,
}: AccessWork & { readonly learners: Learners }): Promise<string | null> {
  if (userId !== null) return userId;
  const found = email === null ? null : await learners.find(email, cancellationSignal());
  if (found !== null) return found.id;
  // Access that was given directly went to this very address.
  if (email !== null && seat.code_id === null) return null;
  throw new DealseatError({
    code: 'seat.redeemer_unknown',
    message: `The code of seat ${seat.id} is used by a learner whom the platform does not name`,
  });
}

export function isNothing(grants: AccessWork['grants']): boolean {
  return Object.values(grants).every((ids: readonly string[]) => ids.length === 0);
}
