import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Those that run for weeks. */
const SERVICES = new Set(['start', 'worker', 'webhooks']);

/** From this size on, a piece of memory is given back when it is free. By itself malloc raises this after each large piece. */
const OWN_PIECE_BYTES = String(1_024 * 1_024);

/**
 * Bounded young generations of V8, old ones that are cleared before they have grown by a fifth (by themselves they grow to four
 * times what is in use), few arenas of malloc for its many threads, and large pieces of memory given back: together they keep
 * a service from taking more memory under load. They are read when a process begins.
 */
const YOUNG_GENERATION = '--max-semi-space-size';
/** Of the sources or of what was built from them. */
const THREADS = `../../temporal/workflow-threads${extname(import.meta.filename)}`;
export const LEAN_FLAGS = [
  `${YOUNG_GENERATION}=16`,
  '--heap-growing-percent=20',
  `--require=${fileURLToPath(new URL(THREADS, import.meta.url))}`,
] as const;
export const MEMORY_VARIABLES = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: OWN_PIECE_BYTES,
  MALLOC_TRIM_THRESHOLD_: OWN_PIECE_BYTES,
} as const;

interface Process {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface Beginning {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How a process that is to be a service should have begun; null when it is none, or somebody chose for it. */
export function leanBeginning({ execPath, execArgv, argv, env }: Process): Beginning | null {
  const [, script, command] = argv;
  if (script === undefined || !SERVICES.has(command ?? '')) return null;
  const isChosen = [...execArgv, env.NODE_OPTIONS ?? ''].some((flags) => flags.includes(YOUNG_GENERATION));
  if (isChosen) return null;
  return {
    args: [execPath, ...execArgv, ...LEAN_FLAGS, ...argv.slice(1)],
    env: { ...MEMORY_VARIABLES, ...env },
  };
}

/** The same process begins anew where it can, under its id and with its streams: no second one is left beside it. */
export function beginLean(): void {
  const beginning = leanBeginning(process);
  // Not on Windows.
  if (beginning !== null && process.platform !== 'win32' && process.execve !== undefined) {
    process.execve(process.execPath, beginning.args, beginning.env);
  }
}
