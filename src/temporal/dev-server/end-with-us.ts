import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';
import { runCommand } from './run-command.ts';

/**
 * A program that the system ends when we are killed without a chance to clean up: every `kill -9` of a service would leave
 * its server behind otherwise.
 */
export interface Ending {
  readonly command: string;
  readonly args: readonly string[];
  /** To be called with the program that was started by these; returns what ends the watch over it. */
  watch(child: ChildProcess): () => void;
}

const HELP_TIMEOUT_MS = 5_000;

/**
 * Where util-linux has it (`setpriv`, which becomes the program itself), the kernel does it, and nothing stands beside us;
 * elsewhere a shell waits for our end.
 */
export async function endingWithUs(command: string, args: readonly string[]): Promise<Ending> {
  if (process.platform === 'win32') return { command, args, watch: () => () => undefined };
  if (process.platform === 'linux' && (await isDeathSignalKnown())) {
    return {
      command: 'setpriv',
      args: ['--pdeathsig', 'KILL', command, ...args],
      watch: () => () => undefined,
    };
  }
  return { command, args, watch: startReaper };
}

/** Busybox has a `setpriv` too, without it. */
async function isDeathSignalKnown(): Promise<boolean> {
  const help = await runCommand({ command: 'setpriv', args: ['--help'], timeoutMs: HELP_TIMEOUT_MS });
  return help.exitCode === 0 && help.stdout.includes('--pdeathsig');
}

/** The shell's standard input closes with us. */
function startReaper(child: ChildProcess): () => void {
  if (child.pid === undefined) return () => undefined;
  const reaper = spawn('sh', ['-c', `read -r _; kill -9 ${child.pid}`], {
    env: childEnvironment(process.env),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.on('error', () => {}); // No shell: then only an orderly exit ends the program.
  reaper.unref();
  return () => reaper.kill('SIGKILL');
}
