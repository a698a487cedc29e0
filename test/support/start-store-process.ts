import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export interface StoreProcess extends AsyncDisposable {
  readonly pid: number;
  /** Whole lines, in order. */
  readonly lines: readonly string[];
  /** Resolves with its first line, which says whether it has the store. */
  untilDecided(): Promise<string>;
  /** Ends it at once, as the kernel does when memory runs out. */
  kill(): Promise<void>;
}

const MODULE = fileURLToPath(new URL('./store-process.ts', import.meta.url));
const DEADLINE_MS = 40_000;

/** `hold` only locks the folder; `write` opens the store and writes row after row; the others do a long work in parts. */
type Task = 'hold' | 'write' | 'rotate' | 'erase';

export function startStoreProcess(task: Task, folder: string): StoreProcess {
  const child = spawn(process.execPath, ['--no-warnings', MODULE, task, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    lines,
    untilDecided: async () => {
      await until(
        'the process says whether it has the store',
        () => lines.length > 0 || child.exitCode !== null,
        DEADLINE_MS,
      );
      return lines[0] ?? `ended with ${child.exitCode}`;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
