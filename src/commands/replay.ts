import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { provisioningId } from '../domain/deal/ids.ts';
import { countOf } from '../domain/words.ts';
import { createLogger } from '../observability/logging.ts';
import { type History, historyOfJson } from '../temporal/history-json.ts';
import { type Replay, replayHistory } from '../temporal/replay-history.ts';
import { installRuntime } from '../temporal/runtime.ts';
import { loadWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { dealOfWords } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { jsonOption, printData } from './terminal/print.ts';
import { withRuns } from './terminal/run-session.ts';
import { type CommandContext, UsageError } from './terminal/terminal.ts';

interface ReplayOptions {
  readonly run?: string;
  readonly json?: boolean;
}

/** A history, and what it is of. */
interface Source {
  readonly name: string;
  readonly workflowId: string;
  readonly history: History;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument(
      '<what...>',
      'a CRM and its deal id (hubspot 9001), a provisioning id, or a file with a history as JSON',
    )
    .option('--run <id>', 'the run id of Temporal; without it, the latest run of the deal')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Runs the workflow code that is installed here over the history of a run, and shows where the two differ. Changes nothing.
A file can be the download of the Temporal UI, the output of \`temporal workflow show -o json\`, or the answer of Temporal's HTTP API.
Exit code 0: the run replays; 1: it differs.`,
    )
    .action(async (words: string[], options: ReplayOptions) => {
      const source = isFile(words)
        ? await readSource(words[0] ?? '')
        : await fetchSource(context, words, options);
      quietRuntime();
      const replay = await replayHistory(await loadWorkflowBundle(), source.history, source.workflowId);
      printData(context.terminal, options, {
        document: { name: source.name, workflowId: source.workflowId, ...replay },
        text: () => replayText(source, replay),
      });
      context.exit(replay.replays ? EXIT.ok : EXIT.failed);
    });
}

function isFile(words: readonly string[]): boolean {
  const [first = ''] = words;
  return words.length === 1 && (existsSync(first) || first.endsWith('.json'));
}

async function readSource(path: string): Promise<Source> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    const history = historyOfJson(JSON.parse(text));
    return { name: path, workflowId: workflowIdOf(history) ?? 'replay', history };
  } catch (error) {
    throw new UsageError(
      `The file ${path} holds no history: ${(error as Error).message}. Write one with \`temporal workflow show --workflow-id <id> -o json\`.`,
    );
  }
}

/** Newer servers write it into the first event. */
function workflowIdOf({ events }: History): string | null {
  return events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId || null;
}

async function fetchSource(
  context: CommandContext,
  words: readonly string[],
  { run }: ReplayOptions,
): Promise<Source> {
  const workflowId = provisioningId(dealOfWords(context.terminal.env, words));
  return withRuns(context, async ({ client }) => {
    const history = await client.workflow.getHandle(workflowId, run).fetchHistory();
    const name = run === undefined ? workflowId : `${workflowId} (${run})`;
    return { name, workflowId, history };
  });
}

/** What the SDK logs about a replay is said in our own words. */
function quietRuntime(): void {
  try {
    installRuntime(createLogger({ level: 'silent' }));
  } catch {
    // This process has one already.
  }
}

function replayText({ name, history }: Source, replay: Replay): string {
  const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  const earlier = before ? `It continues run ${before}; replay that one with --run ${before}.\n` : '';
  if (replay.replays) {
    return `The run replays: ${name}, ${countOf(replay.events, 'event')}. The installed code makes the same decisions.\n${earlier}`;
  }
  const { event, code, said } = replay.difference;
  const at =
    event === null
      ? 'The SDK names no event.'
      : `Event ${event.id} of the history: ${event.type}${event.name === null ? '' : ` (${event.name})`}.`;
  return [
    `The run does not replay: ${name}, ${countOf(replay.events, 'event')}.`,
    at,
    `${code.replace(/\.$/, '')}.`,
    ...(code === said ? [] : [`Temporal says: ${said}`]),
    `A worker with this code cannot continue the run. See "Changing workflow code" in docs/engineers.md.`,
    earlier,
  ].join('\n');
}
