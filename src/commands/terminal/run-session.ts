import { type Client, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { type Config, loadConfig } from '../../config/config.ts';
import { crmFactsOf } from '../../config/crm-settings.ts';
import { pagesOf } from '../../processes/context.ts';
import { createProvisioner, type RunConsole } from '../../runs/console.ts';
import { TemporalUnavailableError } from '../../runs/port.ts';
import { createTemporalClient, loadTemporalTarget, type TemporalTarget } from '../../temporal/connection.ts';
import {
  CONNECT_TIMEOUT_MS,
  grpcErrorIn,
  refusalIn,
  UnreachableError,
  unreachable,
} from './temporal-answers.ts';
import type { CommandContext } from './terminal.ts';

/** What a command has that asks Temporal about runs, or tells them something. */
export interface RunSession {
  readonly config: Config;
  readonly runs: RunConsole;
  readonly client: Client;
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
  const runs = createProvisioner({
    client,
    taskQueue: config.taskQueue,
    policy: config.policy,
    pages: pagesOf({ config, target }),
    crmFacts: crmFactsOf(config),
    ...(timeoutMs === undefined ? {} : { callTimeoutMs: timeoutMs }),
  });
  try {
    await client.connection.ensureConnected().catch((error: unknown) => {
      throw refusalIn(error, target) ?? unreachable(target, error);
    });
    return await work({ config, runs, client });
  } catch (error) {
    throw await translate(error, { config, runs, client, target });
  } finally {
    await client.connection.close();
  }
}

/** The status of a query that no worker is there to answer. */
const FAILED_PRECONDITION = 9;

async function translate(
  error: unknown,
  { config, runs, target }: RunSession & { readonly target: TemporalTarget },
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

function noWorker(config: Config, cause: unknown): Error {
  return new Error(
    `Temporal is there, but no worker answered. Start one on task queue ${config.taskQueue}: \`dealseat worker\` or \`dealseat start\`.`,
    { cause },
  );
}
