import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { SearchAttributeKind } from '../../contracts/search-attributes.ts';
import { childEnvironment } from './child-environment.ts';
import { endingWithUs } from './end-with-us.ts';
import { freePort } from './free-port.ts';
import { ensureTemporalBinary } from './temporal-binary.ts';

export interface DevServerOptions {
  readonly ui: boolean;
  /** Free ports are chosen where none are given. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Keeps runs over restarts; without it they live in memory. */
  readonly dbFile?: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeKind>>;
  readonly namespace?: string;
  /** A Temporal CLI; found, fetched or built when not given. */
  readonly binary?: string;
  /** The server's own log is appended here. */
  readonly logFile?: string;
  readonly report: (line: string) => void;
  /** What else a person can do where no Temporal CLI can be had, such as `or do this`. */
  readonly otherwise?: string;
}

export interface DevServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly namespace: string;
  readonly pid: number;
  /** Resolves when the process is gone and its log written, whoever ended it, with its exit code or signal. */
  readonly ended: Promise<string>;
  /** Resolves when the process is gone; may be called twice. */
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const STOP_GRACE_MS = 5_000;
const PROBE_INTERVAL_MS = 100;
const PROBE_TIMEOUT_MS = 2_000;
const PORT_ATTEMPTS = 3;
/**
 * A step goes out with the answer to the turn that asks for it, where the worker has room: without the way through the
 * queue a deal costs the server a fifth less. Temporal's default is no.
 */
const EAGER_STEPS = 'system.enableActivityEagerExecution=true';

/** Starts Temporal's dev server and resolves once its frontend serves the namespace. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const binary = options.binary ?? (await ensureTemporalBinary(options.report, options));
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const uiPort = options.ui ? (options.uiPort ?? (await freePort())) : null;
    try {
      return await start({ ...options, binary, port, uiPort });
    } catch (error) {
      // Another process may take a free port between our look and the server's bind.
      const isTaken = error instanceof Error && error.message.includes('address already in use');
      const isChosenByUs = options.port === undefined || (options.ui && options.uiPort === undefined);
      if (!isTaken || !isChosenByUs || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

interface StartOptions extends Omit<DevServerOptions, 'port' | 'uiPort' | 'binary'> {
  readonly binary: string;
  readonly port: number;
  readonly uiPort: number | null;
}

async function start(options: StartOptions): Promise<DevServer> {
  const namespace = options.namespace ?? 'default';
  const address = `127.0.0.1:${options.port}`;
  // A group of its own: Ctrl-C must reach the worker first, which still needs the server to drain.
  const program = await endingWithUs(options.binary, serverArguments(options, namespace));
  const child = withUmask(0o077, () =>
    spawn(program.command, program.args, {
      env: childEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    }),
  );
  const { lastLines, written } = collectOutput(child, options.logFile);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const ended = gone.then(async (how) => {
    await written();
    return how;
  });
  const stop = stopWith(child, ended);
  void ended.then(program.watch(child));

  const settled = new AbortController();
  const serving = untilServing(address, namespace, settled.signal);
  const died = ended.then((how) => {
    throw new Error(startFailure(`ended while starting (${how})`, lastLines()));
  });
  try {
    await Promise.race([serving, died]);
  } catch (error) {
    await stop();
    if (error instanceof ServerSilentError) throw new Error(startFailure(error.message, lastLines()));
    throw error;
  } finally {
    settled.abort();
    await serving.catch(() => {}); // Nothing of the probing outlives the start.
    died.catch(() => {}); // From here on, an end of the server is not a failed start.
  }
  return {
    address,
    uiUrl: options.uiPort === null ? null : `http://127.0.0.1:${options.uiPort}`,
    namespace,
    pid: child.pid ?? 0,
    ended,
    stop,
  };
}

/** A child inherits our umask at the moment it is spawned: its files (names of deals stand in them) are its user's alone. */
function withUmask<T>(mask: number, spawning: () => T): T {
  const before = process.umask(mask);
  try {
    return spawning();
  } finally {
    process.umask(before);
  }
}

function serverArguments(options: StartOptions, namespace: string): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)];
  args.push('--log-format', 'json', '--log-level', 'warn');
  args.push('--dynamic-config-value', EAGER_STEPS);
  if (options.uiPort === null) args.push('--headless');
  else args.push('--ui-port', String(options.uiPort));
  if (namespace !== 'default') args.push('--namespace', namespace);
  for (const [name, kind] of Object.entries(options.searchAttributes)) {
    args.push('--search-attribute', `${name}=${kind}`);
  }
  if (options.dbFile !== undefined) {
    // Three times the throughput of SQLite's defaults; a power cut may lose the last moments, a crash loses nothing.
    args.push('--db-filename', options.dbFile);
    args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  }
  return args;
}

interface Output {
  /** The last lines the server wrote. */
  lastLines(): string[];
  /** Ends the log file, once the process is gone. */
  written(): Promise<void>;
}

function collectOutput(child: ChildProcess, logFile: string | undefined): Output {
  const tail: string[] = [];
  const log = logFile === undefined ? null : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log?.write(`${line}\n`);
      tail.push(line);
      if (tail.length > 30) tail.shift();
    });
  }
  return {
    lastLines: () => tail.filter((line) => line.trim() !== '').slice(-10),
    written: () =>
      new Promise((resolve) => {
        if (log === null) resolve();
        else log.end(resolve);
      }),
  };
}

function startFailure(what: string, lastLines: readonly string[]): string {
  const said = lastLines.length === 0 ? 'It wrote nothing.' : `It wrote:\n  ${lastLines.join('\n  ')}`;
  return `The Temporal dev server ${what}. ${said}`;
}

class ServerSilentError extends Error {}

async function untilServing(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  let last = 'no answer';
  while (!signal.aborted) {
    try {
      await probe(address, namespace, signal);
      return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) {
      throw new ServerSilentError(`did not answer within ${START_DEADLINE_MS / 1000} s (${last})`);
    }
    await delay(PROBE_INTERVAL_MS);
  }
}

/** The namespace is known to the store before visibility serves it, so a real listing is what proves readiness. */
async function probe(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  // Lazy and without the SDK's retries: both would go on in the background after the probe was given up.
  const connection = Connection.lazy({ address, connectTimeout: PROBE_TIMEOUT_MS, interceptors: [] });
  const giveUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('no longer needed')), { once: true });
  });
  try {
    const listing = connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
    });
    await Promise.race([listing, giveUp]);
  } finally {
    await connection.close();
  }
}

function stopWith(child: ChildProcess, ended: Promise<unknown>): () => Promise<void> {
  const killNow = () => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  void ended.then(() => process.off('exit', killNow));
  return async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(killNow, STOP_GRACE_MS);
    await ended;
    clearTimeout(timer);
  };
}
