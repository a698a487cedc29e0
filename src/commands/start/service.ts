import { dirname, join } from 'node:path';
import { requireTi } from '../../config/config.ts';
import { LOCAL_FOLDER, makeFilesPrivate, makePrivateFolder } from '../../config/local-folder.ts';
import { readOrMakeSecretKeys, secretKeyFile } from '../../config/secret-key-file.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import type { Logger } from '../../observability/logging.ts';
import type { ServiceContext } from '../../processes/context.ts';
import { startWebhooks } from '../../processes/webhooks.ts';
import { prepareWorker } from '../../processes/worker.ts';
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
  const made = createServiceContext(command);
  const { logger } = made;
  // What is wrong with the catalog or the keys is told before anything is started.
  await readCatalogFile(made.config.catalogPath, requireTi(made.config).learnerUrl);
  const given = await withSecretKeys(made, (line) => terminal.note(line));

  const parts: NamedPart[] = [];
  const prepared = prepareWorker(given);
  prepared.catch(() => undefined); // It is told where the worker starts.
  try {
    await unlessInterrupted(terminal.interrupted, async () => {
      const { service, server } = await withServer(given, options, (line) => terminal.note(line));
      if (server) parts.push({ name: 'Temporal server', ended: server.ended, stop: server.stop });
      await orExplain(service.target, () => ensureSearchAttributes(service));
      const webhooks = await startWebhooks(service);
      parts.unshift(named('webhook server', webhooks));
      const worker = await startWorkerOrExplain(service, { prepared });
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

/** The keys of the environment, or some of this machine's own, which the next start finds again. */
async function withSecretKeys(
  context: ServiceContext,
  note: (line: string) => void,
): Promise<ServiceContext> {
  const { config } = context;
  if (config.secretKeys !== null) return context;
  const { keys, isNew } = await readOrMakeSecretKeys(LOCAL_FOLDER);
  const file = secretKeyFile(LOCAL_FOLDER);
  note(
    `Secret keys: ${file}${isNew ? ', made just now' : ''}, because DEALSEAT_SECRET_KEYS is not set; keep a copy, without it the deals delivered from here are not recognised`,
  );
  return { ...context, config: { ...config, secretKeys: keys } };
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
  const logFile = join(folder, 'temporal.log');
  // Names of deals and companies stand in them.
  await makePrivateFolder(folder);
  await makeFilesPrivate([options.db, `${options.db}-wal`, `${options.db}-shm`, logFile]);
  const server = await startDevServer({
    ui: true,
    dbFile: options.db,
    logFile,
    namespace: target.namespace,
    searchAttributes: SEARCH_ATTRIBUTES,
    report: note,
    otherwise: 'or set TEMPORAL_ADDRESS to a running server',
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
