import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where the figures come from: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly temporalSdk: string;
  readonly dealseat: string;
  /** Processes that wanted a core, averaged over the minute before; above `cores` the machine was busy. */
  readonly loadBefore: number;
}

const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url));

export function describeMachine(): Machine {
  const { version, dependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    temporalSdk: dependencies['@temporalio/worker'],
    dealseat: version,
    loadBefore: loadavg()[0] ?? 0,
  };
}

export function machineLines(machine: Machine): string[] {
  const { cores, loadBefore } = machine;
  const gibibytes = Math.round(machine.memoryBytes / 1_024 ** 3);
  const isBusy = loadBefore > cores / 2;
  return [
    `${cores} cores of ${machine.cpu}, ${gibibytes} GiB, ${machine.system}`,
    `Node ${machine.node}, Temporal SDK ${machine.temporalSdk}, Dealseat ${machine.dealseat}`,
    `Load average before the run: ${loadBefore.toFixed(1)}${isBusy ? '. The machine was busy: the ratios hold better than the times' : ''}`,
  ];
}
