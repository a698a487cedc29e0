import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { processTree } from './processes.ts';

/** A program that the bench runs as somebody would, with all that it starts. */
export interface BenchProcess {
  /** Its own and those of all that it started. */
  processIds(): readonly number[];
  /** The last lines that it wrote. */
  lastLines(): string;
  readonly isOver: () => boolean;
  /** Ends all of it at once; resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end in order; ends it at once when it takes too long. */
  stop(name?: NodeJS.Signals): Promise<void>;
  /** Resolves when it has written this; throws when it ends before, or at the deadline. */
  untilSaid(text: string): Promise<void>;
}

interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Run as this user. */
  readonly uid?: number;
}

const KEPT_LINES = 200;
const LONGEST_LINE = 2_000;
const PAUSE_MS = 20;
const STOP_GRACE_MS = 15_000;
const SAYING_DEADLINE_MS = 120_000;

export function startProcess({ command, args, cwd, env, uid }: ProcessOptions): BenchProcess {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a shell and what it starts can be ended together.
    detached: true,
    ...(uid === undefined ? {} : { uid }),
  });
  const lines = keepLines(child);
  let over: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      over = error.message;
      resolve();
    });
    child.once('close', (code, signal) => {
      over = signal ?? `exit code ${code}`;
      resolve();
    });
  });
  const processIds = () => (child.pid === undefined ? [] : processTree([child.pid]));
  const kill = async () => {
    const all = processIds();
    for (const pid of all) signal(pid, 'SIGKILL');
    while (all.some(isAlive)) await wait(PAUSE_MS);
    await ended;
  };
  const killWithUs = () => {
    for (const pid of processIds()) signal(pid, 'SIGKILL');
  };
  process.once('exit', killWithUs);
  void ended.then(() => process.off('exit', killWithUs));
  return {
    processIds,
    lastLines: () => lines.join('\n'),
    isOver: () => over !== null,
    kill,
    stop: async (name = 'SIGTERM') => {
      if (over !== null || child.pid === undefined) return;
      signal(child.pid, name);
      const timer = new AbortController();
      const grace = wait(STOP_GRACE_MS, undefined, { signal: timer.signal }).then(kill, () => undefined);
      await Promise.race([ended, grace]);
      timer.abort();
    },
    untilSaid: async (text) => {
      const deadline = performance.now() + SAYING_DEADLINE_MS;
      while (!lines.some((line) => line.includes(text))) {
        if (over === null && performance.now() < deadline) await wait(PAUSE_MS);
        else
          throw new Error(
            `${args.join(' ')} did not say "${text}" (${over ?? 'at the deadline'}):\n${lines.join('\n')}`,
          );
      }
    },
  };
}

/** Resolves when the address answers, whatever it answers; throws when the process ends before, or at the deadline. */
export async function untilAnswers(
  url: string,
  { process, deadlineMs }: { readonly process: BenchProcess | null; readonly deadlineMs: number },
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const status = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.status,
      () => null,
    );
    if (status !== null) return;
    if (process?.isOver()) throw new Error(`The receiver ended before it answered:\n${process.lastLines()}`);
    if (performance.now() > deadline)
      throw new Error(`${url} did not answer in ${deadlineMs / 1_000} s:\n${process?.lastLines() ?? ''}`);
    await wait(PAUSE_MS);
  }
}

function keepLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => line.slice(0, LONGEST_LINE)),
      );
      lines.splice(0, lines.length - KEPT_LINES);
    });
  }
  return lines;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

function isAlive(pid: number): boolean {
  return processTree([pid]).length > 0;
}
