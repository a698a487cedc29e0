import { type Config, ConfigError, loadConfig } from '../../config/config.ts';
import { crmsInUse } from '../../config/crm-settings.ts';
import { LOCAL_FOLDER } from '../../config/local-folder.ts';
import { createLogger } from '../../observability/logging.ts';
import { createMetrics } from '../../observability/metrics.ts';
import type { ServiceContext } from '../../processes/context.ts';
import { type RunningWorker, startWorker } from '../../processes/worker.ts';
import { loadTemporalTarget } from '../../temporal/connection.ts';
import { installRuntime } from '../../temporal/runtime.ts';
import { logLine } from './log-lines.ts';
import { createServiceOutput, type ServiceOutput } from './outcome-report.ts';
import { orExplain } from './temporal-answers.ts';
import type { CommandContext, Terminal } from './terminal.ts';

/** What the long-running commands are made from. The SDK's logs go through our logger from here on. */
export function createServiceContext({ terminal }: CommandContext): CommandService {
  const config = loadConfig(terminal.env);
  requireCrm(config);
  const logger = terminal.areNotesWatched
    ? createLogger({ level: config.logLevel }, { write: (line) => noteLine(terminal, line) })
    : createLogger({ level: config.logLevel });
  installRuntime(logger);
  const output = createServiceOutput(terminal, config.logLevel);
  const { onOutcome } = output;
  const target = loadTemporalTarget(terminal.env);
  return { config, target, logger, metrics: createMetrics(), onOutcome, output };
}

function noteLine(terminal: Pick<Terminal, 'note'>, json: string): void {
  const line = logLine(json);
  if (line !== null) terminal.note(line);
}

export interface CommandService extends ServiceContext {
  readonly output: ServiceOutput;
}

function requireCrm(config: Config): void {
  if (crmsInUse(config).length > 0) return;
  const names = config.knownCrms.map(({ facts }) => facts.displayName).join(', ');
  throw new ConfigError([
    {
      variable: config.knownCrms
        .flatMap(({ environment }) => Object.keys(environment.variables)[0] ?? [])
        .join(', '),
      message: `no CRM is set; expected the variables of at least one of ${names} (see .env.example)`,
    },
  ]);
}

/** `startWorker`, whose connection fails with an error of the native core when no server is there. */
export function startWorkerOrExplain(
  context: ServiceContext,
  options: Parameters<typeof startWorker>[1] = {},
): Promise<RunningWorker> {
  return orExplain(context.target, () => startWorker(context, { folder: LOCAL_FOLDER, ...options }));
}
