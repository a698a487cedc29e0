import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Systems } from './sandbox-activities.ts';

export interface SeatWorkerOrder {
  readonly address: string;
  readonly taskQueue: string;
  readonly bundlePath: string;
  readonly systems: Systems;
  readonly databaseUrl: string;
  /** Where it notes its attempts for the next one. */
  readonly folder: string;
  /** `inside`: `step` is a call to a vendor; else an activity. Absent: it lives. */
  readonly diesAt?: KillPoint;
}

export interface KillPoint {
  readonly step: string;
  readonly when: 'before' | 'inside' | 'after';
}

export interface SeatWorker extends AsyncDisposable {
  /** Resolves to the signal that ended it. */
  readonly died: Promise<NodeJS.Signals | null>;
}

const MODULE = fileURLToPath(new URL('./seat-worker-process.ts', import.meta.url));

export function startSeatWorker(order: SeatWorkerOrder): SeatWorker {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', MODULE, JSON.stringify(order)], {
    // Our end of its input closes with us, however we end.
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const died = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  return {
    died,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await died;
    },
  };
}
