import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Systems } from './sandbox-activities.ts';

export interface WorkerOrder {
  readonly address: string;
  readonly taskQueue: string;
  readonly bundlePath: string;
  readonly systems: Systems;
  /** Where it notes its attempts for the next one. */
  readonly folder?: string | undefined;
}

export interface WorkerProcess extends AsyncDisposable {
  /** Ends the process at once, as the kernel does when memory runs out. */
  kill(): Promise<void>;
}

const MODULE = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

export function startWorkerProcess(order: WorkerOrder): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', MODULE, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { kill, [Symbol.asyncDispose]: kill };
}
