import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from './child-environment.ts';

export interface CommandResult {
  /** null when it was ended by a signal or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The last lines, for messages. */
  readonly stderrTail: readonly string[];
}

const TAIL_LINES = 40;

/** Runs a program to its end; never rejects: what went wrong is in the result. Ends the program when we end. */
export async function runCommand(options: {
  command: string;
  args: readonly string[];
  timeoutMs: number;
  /** Added to the part of our environment that other programs get. */
  env?: Readonly<Record<string, string>>;
  onStderrLine?: (line: string) => void;
}): Promise<CommandResult> {
  const child = spawn(options.command, options.args, {
    env: { ...childEnvironment(process.env), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);

  const stderrTail: string[] = [];
  const keep = (line: string) => {
    stderrTail.push(line);
    if (stderrTail.length > TAIL_LINES) stderrTail.shift();
  };
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    keep(line);
    options.onStderrLine?.(line);
  });

  return await new Promise((resolve) => {
    child.once('error', (error) => {
      keep(error.message);
      process.off('exit', killWithUs);
      resolve({ exitCode: null, stdout, stderrTail });
    });
    child.once('close', (exitCode, signal) => {
      if (signal !== null) keep(`ended by ${signal} (allowed ${Math.round(options.timeoutMs / 1000)} s)`);
      process.off('exit', killWithUs);
      resolve({ exitCode, stdout, stderrTail });
    });
  });
}
