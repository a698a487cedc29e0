import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requireTi } from '../../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import type { Logger } from '../../observability/logging.ts';
import { type ServiceContext, startWebhooks } from '../../processes/service.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { checkSearchAttributes } from '../../temporal/search-attribute-setup.ts';
import { readCatalogFile } from '../terminal/catalog-file.ts';
import { isPortFree } from '../terminal/ports.ts';
import { createServiceContext, startWorkerOrExplain } from '../terminal/service-context.ts';
import { type NamedPart, named, stopAll } from '../terminal/service-parts.ts';
import { orExplain, requireTemporal } from '../terminal/temporal-answers.ts';
import { type CommandContext, UsageError, unlessInterrupted } from '../terminal/terminal.ts';

/** Everything of the service in one process, in the order in which it is to be stopped. */
export async function startService(
  command: CommandContext,
  options: StartOptions,
): Promise<{ readonly parts: readonly NamedPart[]; readonly logger: Logger }> {
  const { terminal } = command;
  const given = createServiceContext(command);
  const { logger } = given;
  // What is wrong with the catalog is told before anything is started.
  await readCatalogFile(given.config.catalogPath, requireTi(given.config).learnerUrl);

  const parts: NamedPart[] = [];
  try {
    await unlessInterrupted(terminal.interrupted, async () => {
      const { service, server } = await withServer(given, options, (line) => terminal.note(line));
      if (server) parts.push({ name: 'Temporal server', ended: server.ended, stop: server.stop });
      await orExplain(service.target, () => ensureSearchAttributes(service));
      const webhooks = await startWebhooks(service);
      parts.unshift(named('webhook server', webhooks));
      const worker = await startWorkerOrExplain(service);
      parts.unshift(named('worker', worker));
      terminal.note(`Webhooks: ${webhooks.url}/webhooks/…`);
      terminal.note(`Worker: polls task queue ${service.config.taskQueue}`);
    });
    return { parts, logger };
  } catch (error) {
    await stopAll(parts, logger);
    throw error;
  }
}

/** The server that the environment names, or one of our own whose runs outlive a restart. */
async function withServer(
  given: ServiceContext,
  options: StartOptions,
  note: (line: string) => void,
): Promise<{ readonly service: ServiceContext; readonly server: DevServer | null }> {
  const { target, config } = given;
  if (target.connectionOptions.address !== undefined) {
    await requireTemporal(target);
    note(`Temporal: ${target.connectionOptions.address}, namespace ${target.namespace}`);
    return { service: given, server: null };
  }
  for (const [option, port] of [
    ['--temporal-port', options.temporalPort],
    ['--ui-port', options.uiPort],
  ] as const) {
    if (port === 0 || (await isPortFree(port))) continue;
    throw new UsageError(
      `Port ${port} is taken. If a Temporal server listens there, set TEMPORAL_ADDRESS to use it; otherwise choose another ${option}.`,
    );
  }
  const folder = dirname(options.db);
  await mkdir(folder, { recursive: true });
  const server = await startDevServer({
    ui: true,
    dbFile: options.db,
    logFile: join(folder, 'temporal.log'),
    namespace: target.namespace,
    searchAttributes: SEARCH_ATTRIBUTES,
    report: note,
    ...(options.temporalPort === 0 ? {} : { port: options.temporalPort }),
    ...(options.uiPort === 0 ? {} : { uiPort: options.uiPort }),
  });
  note(`Temporal: ${server.address}, database ${options.db}`);
  note(`Temporal UI: ${server.uiUrl}`);
  return {
    server,
    service: {
      ...given,
      config: { ...config, temporalUiUrl: config.temporalUiUrl ?? server.uiUrl },
      target: { connectionOptions: { address: server.address }, namespace: server.namespace },
    },
  };
}

/** Without them every start of a run is refused, and so every webhook. */
async function ensureSearchAttributes({ target, logger }: ServiceContext): Promise<void> {
  for (const { name, state, advice } of await checkSearchAttributes(target, { fix: true })) {
    if (state === 'fixed') logger.info(`Added: ${name}`);
    if (state === 'failed') logger.warn(`${name}: ${advice}`);
  }
}

export interface StartOptions {
  readonly db: string;
  readonly temporalPort: number;
  readonly uiPort: number;
}
