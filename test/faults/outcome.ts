import type { Exchange } from '../../sandbox/http.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { requestsOf } from './disturbances.ts';
import type { Cell } from './matrix.ts';

/** What one cell of the matrix came to, after its invariants held. */
export interface Outcome {
  readonly exchanges: readonly Exchange[];
  /** How often the disturbance struck. */
  readonly strikes: number;
  /** Codes of the failures that a person had to answer, or that a caller outside of a run met. */
  readonly codes: readonly string[];
  /** An undo failed for good, and the run, the deal and the search attribute say so. */
  readonly undoFailed: boolean;
}

/** How many answers the disturbance really changed. One that was armed for a call that never came changed none. */
export function strikesOf(sandbox: Sandbox, { call, disturbance }: Cell): number {
  if (disturbance === null) return 0;
  const { system, method, path = /./ } = requestsOf(call);
  const struck = sandbox.exchanges.filter(
    (made) => made.fault !== null && made.system === system && made.method === method && path.test(made.path),
  );
  return struck.length + (disturbance.changedAnswers?.(sandbox, call) ?? 0);
}
