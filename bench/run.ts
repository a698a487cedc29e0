import { describeMachine, type Machine } from './machine.ts';
import { type HistorySize, measureHistory } from './measures/history.ts';
import { type Latency, measureLatency } from './measures/latency.ts';
import { type MemoryUse, measureMemory } from './measures/memory.ts';
import { countRequests, type RequestCount } from './measures/requests.ts';
import { measureThroughput, type Throughput } from './measures/throughput.ts';
import type { Effort } from './options.ts';
import { startStack } from './stack.ts';

/** All figures of one run. */
export interface BenchReport {
  /** UTC day. */
  readonly day: string;
  readonly tookMs: number;
  readonly machine: Machine;
  readonly latency: readonly Latency[];
  readonly throughput: Throughput;
  readonly history: readonly HistorySize[];
  readonly memory: readonly MemoryUse[];
  readonly requests: readonly RequestCount[];
}

export async function runBench(effort: Effort, report: (line: string) => void): Promise<BenchReport> {
  const startedAt = performance.now();
  const machine = describeMachine();
  const step = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now();
    report(`${title} …`);
    const result = await work();
    report(`${title}: done in ${Math.round((performance.now() - since) / 1_000)} s`);
    return result;
  };
  const stack = await step('Temporal server, stand-ins, webhooks and workers', () => startStack(report));
  try {
    const figures = {
      latency: await step('From webhook to delivered', () => measureLatency(stack, effort.latencyRounds)),
      throughput: await step(`${effort.dealsInFlight} deals in flight`, () =>
        measureThroughput(stack, {
          rounds: effort.throughputRounds,
          dealsInFlight: effort.dealsInFlight,
          report,
        }),
      ),
      history: await step('History of a deal', () => measureHistory(stack)),
      memory: await step('Memory of a worker', () => measureMemory(stack, effort.memoryRounds)),
      requests: await step('Requests of a deal', () => countRequests(stack)),
    };
    return {
      day: new Date().toISOString().slice(0, 10),
      machine: { ...machine, temporalServer: stack.serverVersion },
      ...figures,
      tookMs: performance.now() - startedAt,
    };
  } finally {
    await stack.stop();
  }
}
