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

/** How often the disturbance struck; those that change how a system lists strike whenever it lists. */
export function strikesOf({ exchanges }: Sandbox, { call, disturbance }: Cell): number {
  if (disturbance === null) return 0;
  const { system, method, path = /./ } = requestsOf(call);
  const made = exchanges.filter(
    (exchange) => exchange.system === system && exchange.method === method && path.test(exchange.path),
  );
  const changesLists = ['repeated cursor', 'duplicate rows', 'late listing'].includes(disturbance.name);
  return made.filter(({ fault }) => changesLists || fault !== null).length;
}
