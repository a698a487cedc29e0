import type { Bench } from '../bench.ts';
import { useOf } from '../driver/processes.ts';
import { startStandIns } from '../driver/stand-ins.ts';
import { startDealseat } from '../receivers/dealseat.ts';
import { type Spread, spreadOf } from '../statistics.ts';

/** `dealseat start` on a database that it has used before. */
export interface StartUp {
  /** Until it takes webhooks and its worker polls. */
  readonly readyMs: Spread;
  /** Names of the programs that run then. */
  readonly programs: readonly string[];
}

export async function measureStartUp({ effort, report }: Bench): Promise<StartUp> {
  await using stack = new AsyncDisposableStack();
  const sandbox = await startStandIns({});
  stack.defer(() => sandbox.close());
  // The first start makes the database and warms the caches.
  const receiver = await startDealseat({ sandbox, report });
  stack.defer(() => receiver.stop());
  const taken: number[] = [];
  for (let round = 0; round < effort.startUps; round += 1) {
    await receiver.kill?.();
    const startedAt = performance.now();
    await receiver.restart?.();
    taken.push(performance.now() - startedAt);
  }
  const programs = useOf(receiver.processIds()).map(({ name }) => name);
  return { readyMs: spreadOf(taken), programs: programs.sort() };
}
