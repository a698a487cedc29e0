import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command as a process of its own, its output piped. */
export interface CommandProcess {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Waits until its output matches; fails with the output when it ends before, or at the deadline. */
  untilSaid(pattern: RegExp): Promise<RegExpExecArray>;
}

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEADLINE_MS = 120_000;

interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export function startCommand(argv: readonly string[], options: CommandOptions = {}): CommandProcess {
  return start(process.execPath, [CLI, ...argv], options);
}

/** A line of the README, as a newcomer types it at the top of the clone. */
export function startLine(line: string): CommandProcess {
  return start('sh', ['-c', line], { cwd: ROOT });
}

function start(program: string, argv: readonly string[], options: CommandOptions): CommandProcess {
  const child = spawn(program, argv, {
    env: options.env ?? cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const said = { stdout: '', stderr: '' };
  let onOutput = (): void => undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
      onOutput();
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return {
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended,
    untilSaid: (pattern) =>
      new Promise((resolve, reject) => {
        const all = () => `${said.stdout}\n${said.stderr}`;
        const fail = (why: string) => reject(new Error(`${argv.join(' ')} ${why} ${pattern}:\n${all()}`));
        const timer = setTimeout(() => fail('did not say in time'), DEADLINE_MS);
        onOutput = () => {
          const match = pattern.exec(all());
          if (match === null) return;
          clearTimeout(timer);
          resolve(match);
        };
        void ended.then(() => fail('ended without saying'));
        onOutput();
      }),
  };
}

/** Ours without the variables of Dealseat and Temporal. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(DEALSEAT|TEMPORAL|TI|HUBSPOT|SALESFORCE|WEBHOOK|MANUAL)_|^DATABASE_URL$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
