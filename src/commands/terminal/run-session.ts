import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { type Config, loadConfig } from '../../config/config.ts';
import { crmFactsOf } from '../../config/crm-settings.ts';
import { pagesOf } from '../../processes/context.ts';
import { createProvisioner, type RunConsole } from '../../runs/console.ts';
import { TemporalUnavailableError } from '../../runs/port.ts';
import type { RunPages } from '../../runs/run-url.ts';
import { createTemporalClient, loadTemporalTarget, type TemporalTarget } from '../../temporal/connection.ts';
import {
  CONNECT_TIMEOUT_MS,
  grpcErrorIn,
  refusalIn,
  UnreachableError,
  unreachable,
} from './temporal-answers.ts';
import type { CommandContext, Terminal } from './terminal.ts';

/** What a command has that asks Temporal about runs, or tells them something. */
export interface RunSession {
  readonly config: Config;
  readonly runs: RunConsole;
  readonly client: Client;
  readonly pages: RunPages;
}

/** Opens a session for `work` and closes it; turns what Temporal answers into what a person can act on. */
export async function withRuns<T>(
  { terminal }: CommandContext,
  work: (session: RunSession) => Promise<T>,
): Promise<T> {
  const config = loadConfig(terminal.env);
  const target = loadTemporalTarget(terminal.env);
  const { temporalTimeoutMs: timeoutMs } = terminal;
  const client = createTemporalClient(target, { connectTimeoutMs: timeoutMs ?? CONNECT_TIMEOUT_MS });
  const pages = pagesOf({ config, target });
  const runs = createProvisioner({
    client,
    taskQueue: config.taskQueue,
    policy: config.policy,
    pages,
    crmFacts: crmFactsOf(config),
    ...(timeoutMs === undefined ? {} : { callTimeoutMs: timeoutMs }),
  });
  try {
    await client.connection.ensureConnected().catch((error: unknown) => {
      throw refusalIn(error, target) ?? unreachable(target, error);
    });
    return await work({ config, runs, client, pages });
  } catch (error) {
    throw await translate(error, { config, runs, target });
  } finally {
    // A call that an interrupt left under way would end the process on a closed connection.
    if (terminal.interrupted.aborted) void runs.settled().then(() => client.connection.close());
    else await client.connection.close();
  }
}

/** The status of a query that no worker is there to answer. */
const FAILED_PRECONDITION = 9;

async function translate(
  error: unknown,
  { config, runs, target }: Pick<RunSession, 'config' | 'runs'> & { readonly target: TemporalTarget },
): Promise<unknown> {
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    return new Error(error.cause?.message ?? error.message, { cause: error });
  }
  if (error instanceof UnreachableError) return error;
  if (error instanceof TemporalUnavailableError) {
    const isThere = await runs.ready().then(
      () => true,
      () => false,
    );
    return isThere ? noWorker(config, error) : unreachable(target, error);
  }
  if (grpcErrorIn(error)?.code === FAILED_PRECONDITION) return noWorker(config, error);
  return refusalIn(error, target) ?? error;
}

/** Says at once what would otherwise show only after a long silence. */
export async function warnIfNoWorker(
  { runs, config }: Pick<RunSession, 'runs' | 'config'>,
  terminal: Pick<Terminal, 'note'>,
): Promise<void> {
  if (await hasNoWorker(runs)) terminal.note(noWorker(config, undefined).message);
}

/** For what only a worker can do. */
export async function requireWorker({ runs, config }: Pick<RunSession, 'runs' | 'config'>): Promise<void> {
  if (await hasNoWorker(runs)) throw noWorker(config, undefined);
}

/** A worker that has just started is not known to Temporal yet, so this is how long one is looked for. */
const WORKER_LOOK_MS = 2_000;
const BETWEEN_LOOKS_MS = 200;

/** Where the question itself is refused, the call that follows tells. */
async function hasNoWorker(runs: RunConsole): Promise<boolean> {
  const deadline = performance.now() + WORKER_LOOK_MS;
  while ((await runs.countWorkers().catch(() => 1)) === 0) {
    if (performance.now() >= deadline) return true;
    await setTimeout(BETWEEN_LOOKS_MS);
  }
  return false;
}

export function noWorker({ taskQueue }: Pick<Config, 'taskQueue'>, cause: unknown): Error {
  return new Error(
    `Temporal is running, but no worker is polling task queue ${taskQueue}. Start one: \`dealseat start\` or \`dealseat worker\`.`,
    { cause },
  );
}
