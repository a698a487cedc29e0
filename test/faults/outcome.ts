import { askedIn, type Exchange } from '../../sandbox/http.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Way } from '../../scripts/docs/fault-report.ts';
import { failureClass, isFailureCode } from '../../src/domain/failure.ts';
import type { History } from '../support/replay.ts';
import { requestsOf } from './disturbances.ts';
import { type Cell, isOutsideRun, type Scenario } from './matrix.ts';

/** What one cell of the matrix came to, after its invariants held. */
export interface Outcome {
  readonly exchanges: readonly Exchange[];
  /** How often the disturbance struck. */
  readonly strikes: number;
  /** Codes of the failures that a person had to answer, or that a caller outside of a run met. */
  readonly codes: readonly string[];
  /** A failure that a person would have been asked about was repeated, and was gone before that. */
  readonly hasPassed: boolean;
  /** For good, and the run says so: an undo, of which the deal tells too, or a task for the owner. */
  readonly isLeftUndone: boolean;
}

/** Of steps that are taken outside of a run: nobody is asked, and nothing is undone. */
export function outcomeOutsideRun(sandbox: Sandbox, cell: Cell, codes: readonly string[]): Outcome {
  return {
    exchanges: sandbox.exchanges,
    strikes: strikesOf(sandbox, cell),
    codes,
    hasPassed: false,
    isLeftUndone: false,
  };
}

export function wayOf({ codes, hasPassed, isLeftUndone }: Outcome, scenario: Scenario): Way {
  if (codes.length > 0) return isOutsideRun(scenario) ? 'caller' : 'person';
  if (isLeftUndone) return 'leftUndone';
  return hasPassed ? 'byItself' : 'repeated';
}

/** Of a class that is not repeated, and repeated all the same. */
export function hasPassed({ events }: History, scenario: Scenario): boolean {
  return (events ?? []).some(({ activityTaskStartedEventAttributes: started }) => {
    const code = started?.lastFailure?.applicationFailureInfo?.type;
    if (!isFailureCode(code) || code === HELPED[scenario]) return false;
    return ['attention', 'never'].includes(failureClass(code));
  });
}

/** What the scenario itself brings about. */
const HELPED: Readonly<Partial<Record<Scenario, string>>> = { noCodesPath: 'lms.codes_path_missing' };

/** How many answers the disturbance really changed. One that was armed for a call that never came changed none. */
export function strikesOf(sandbox: Sandbox, { call, disturbance }: Cell): number {
  if (disturbance === null) return 0;
  const { system, method, path = /./ } = requestsOf(call);
  const struck = askedIn(sandbox.exchanges).filter(
    (made) => made.fault !== null && made.system === system && made.method === method && path.test(made.path),
  );
  return struck.length + (disturbance.changedAnswers?.(sandbox, call) ?? 0);
}
