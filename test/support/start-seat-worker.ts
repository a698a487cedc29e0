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
  /**
   * `inside`: `step` is a call to a vendor; else an activity, or what a process that is asked does: `ask` (the whole of it) and
   * `start` (of the run, when what was asked is on record). Absent: it lives.
   */
  readonly diesAt?: KillPoint;
  /** It answers `/api/seat-operations` too. */
  readonly serves?: true;
}

export interface KillPoint {
  readonly step: string;
  readonly when: 'before' | 'inside' | 'after';
}

export interface SeatWorker extends AsyncDisposable {
  /** Resolves to the signal that ended it. */
  readonly died: Promise<NodeJS.Signals | null>;
  /** Where it answers, once it does. */
  readonly url: Promise<string>;
}

/** The key of those who ask it. */
export const ASKING_KEY = 'sandbox-seats-key-0123456789';

const MODULE = fileURLToPath(new URL('./seat-worker-process.ts', import.meta.url));

export function startSeatWorker(order: SeatWorkerOrder): SeatWorker {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', MODULE, JSON.stringify(order)], {
    // Our end of its input closes with us, however we end.
    stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
  });
  const url = once(child, 'message').then(([message]) => String(message));
  const died = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  return {
    died,
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await died;
    },
  };
}
