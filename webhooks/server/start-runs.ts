import { type Provisioner, TemporalUnavailableError } from '../../src/runs/port.ts';
import type { ChooseLane } from './choose-lane.ts';
import type { RunToStart } from './run-to-start.ts';
import { withinBudget } from './within-budget.ts';

interface StartOptions {
  readonly provisioner: Pick<Provisioner, 'dealChanged'>;
  readonly runs: readonly RunToStart[];
  readonly chooseLane: ChooseLane;
  /** The sender hangs up after some seconds and sends again; it must hear from us before that. */
  readonly budgetMs: number;
}

const CONCURRENT_STARTS = 16;

/**
 * Resolves when Temporal has accepted every run; otherwise throws the first error, and the sender is told to send the
 * whole batch again, which does no harm to the runs that were accepted.
 */
export async function startRuns({ provisioner, runs, chooseLane, budgetMs }: StartOptions): Promise<void> {
  const waiting = [...onePerDeal(runs)];
  const laneOf = chooseLane(waiting);
  const errors: unknown[] = [];
  const startNext = async (): Promise<void> => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      try {
        const { ref, trigger, changeSource } = run;
        await provisioner.dealChanged(ref, trigger, {
          lane: laneOf(run),
          ...(changeSource === undefined ? {} : { changeSource }),
        });
      } catch (error) {
        errors.push(error);
        // With Temporal down every further call would only wait for its own time-out.
        if (error instanceof TemporalUnavailableError) waiting.length = 0;
      }
    }
  };
  const starts = Promise.all(Array.from({ length: CONCURRENT_STARTS }, startNext));
  const isInTime = await withinBudget(starts, budgetMs);
  if (!isInTime) {
    waiting.length = 0;
    throw new TemporalUnavailableError(`Temporal did not accept the batch within ${budgetMs} ms`);
  }
  if (errors.length > 0)
    throw errors.find((error) => !(error instanceof TemporalUnavailableError)) ?? errors[0];
}

function onePerDeal(runs: readonly RunToStart[]): Iterable<RunToStart> {
  return new Map(runs.map((run) => [run.ref.dealId, run])).values();
}
