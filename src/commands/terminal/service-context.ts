import { type Config, ConfigError, loadConfig } from '../../config/config.ts';
import { createLogger } from '../../observability/logging.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { type RunningPart, type ServiceContext, startWorker } from '../../processes/service.ts';
import { loadTemporalTarget } from '../../temporal/connection.ts';
import { installRuntime } from '../../temporal/runtime.ts';
import { orExplain } from './temporal-answers.ts';
import type { CommandContext } from './terminal.ts';

/** What the long-running commands are made from. The SDK's logs go through our logger from here on. */
export function createServiceContext({ terminal }: CommandContext): ServiceContext {
  const config = loadConfig(terminal.env);
  requireCrm(config);
  const logger = createLogger({ level: config.logLevel });
  installRuntime(logger);
  return { config, target: loadTemporalTarget(terminal.env), logger, metrics: createMetrics() };
}

function requireCrm({ hubspot, salesforce }: Config): void {
  if (hubspot || salesforce) return;
  throw new ConfigError([
    {
      variable: 'HUBSPOT_ACCESS_TOKEN, SALESFORCE_LOGIN_URL',
      message:
        'no CRM is set; expected the variables of HubSpot, of Salesforce, or of both (see .env.example)',
    },
  ]);
}

/** `startWorker`, whose connection fails with an error of the native core when no server is there. */
export function startWorkerOrExplain(context: ServiceContext): Promise<RunningPart> {
  return orExplain(context.target, () => startWorker(context));
}
