import { runCommand } from '../../src/temporal/dev-server/run-command.ts';
import { findProgram } from './find-program.ts';

/** A program that is not Dealseat's: some tests need it, and a machine may lack it. */
export interface OuterProgram {
  /** As people call it. */
  readonly title: string;
  /** Names of its file; any of them will do. */
  readonly names: readonly string[];
  /** Where it may stand beside PATH. */
  readonly folders?: readonly string[] | undefined;
  readonly aptPackage: string;
  /** What it is for, as the end of "Installing … with apt-get, …". */
  readonly purpose: string;
  /** How long the installation usually takes, as a person says it. */
  readonly usualTime: string;
  /** What happens where the program is missing, as a sentence. */
  readonly lack: string;
}

/** Who installs, and with what; tests hand in their own. */
interface Machine {
  readonly env?: NodeJS.ProcessEnv;
  readonly isRoot?: boolean;
}

const INSTALL_BOUND_MS = 5 * 60_000;
/** Another apt-get may be at work, for example of a second test run. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=120'];
const SHOWN_LINES = 5;

/**
 * The path of the program: where it stands, or where apt-get puts it now. Installs only as root, because nobody is asked
 * for a password. Null if the machine has none; then `say` has got why, and what is left out.
 */
export async function bringProgram(
  program: OuterProgram,
  say: (line: string) => void,
  { env = process.env, isRoot = process.getuid?.() === 0 }: Machine = {},
): Promise<string | null> {
  const find = () => findProgram(program.names, { folders: program.folders, env });
  const found = find();
  if (found !== null) return found;
  const aptGet = isRoot ? findProgram(['apt-get'], { env }) : null;
  if (aptGet !== null) {
    const minutes = INSTALL_BOUND_MS / 60_000;
    say(
      `Installing ${program.title} with apt-get, ${program.purpose}: ${program.usualTime}, once, at most ${minutes} minutes …`,
    );
    const failures = await install(aptGet, program.aptPackage);
    const installed = find();
    if (installed !== null) return installed;
    for (const failure of failures) say(failure);
  }
  say(
    `${program.lack} ${program.title} is not installed (${program.names.join(', ')}). Install the package ${program.aptPackage}.`,
  );
  return null;
}

/** Returns what went wrong. The package may be known from before, so that a failed update need not stop it. */
async function install(aptGet: string, aptPackage: string): Promise<readonly string[]> {
  const deadline = performance.now() + INSTALL_BOUND_MS;
  const failures: string[] = [];
  for (const args of [
    ['update', '--quiet=2'],
    ['install', '--yes', '--quiet=2', '--no-install-recommends', aptPackage],
  ]) {
    const { exitCode, stderrTail } = await runCommand({
      command: aptGet,
      args: [...WAIT_FOR_LOCK, ...args],
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs: Math.max(1, Math.round(deadline - performance.now())),
    });
    if (exitCode === 0) continue;
    const end = exitCode === null ? 'did not end by itself' : `ended with exit code ${exitCode}`;
    const words = stderrTail.slice(-SHOWN_LINES).map((line) => `    ${line}`);
    failures.push([`apt-get ${args[0]} ${end}:`, ...words].join('\n'));
  }
  return failures;
}
