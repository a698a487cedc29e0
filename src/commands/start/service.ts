import { dirname, join } from 'node:path';
import { requireTi } from '../../config/config.ts';
import { crmsInUse } from '../../config/crm-settings.ts';
import { LOCAL_FOLDER, makeFilesPrivate, makePrivateFolder } from '../../config/local-folder.ts';
import { readOrMakeSecretKeys, secretKeyFile } from '../../config/secret-key-file.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import type { Logger } from '../../observability/logging.ts';
import { pagesOf, type ServiceContext } from '../../processes/context.ts';
import { startStore } from '../../processes/store.ts';
import { startWebhooks } from '../../processes/webhooks.ts';
import { prepareWorker } from '../../processes/worker.ts';
import { VIEWS, viewUrl } from '../../runs/run-url.ts';
import { refuseIfLocked } from '../../store/embedded-lock.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { checkSearchAttributes } from '../../temporal/search-attribute-setup.ts';
import { summarize } from '../catalog.ts';
import { readCatalogFile } from '../terminal/catalog-file.ts';
import { lookOf } from '../terminal/look.ts';
import type { ServiceOutput } from '../terminal/outcome-report.ts';
import { isPortFree, orPortTaken } from '../terminal/ports.ts';
import {
  type CommandService,
  createServiceContext,
  startWorkerOrExplain,
} from '../terminal/service-context.ts';
import { type NamedPart, named, stopAll } from '../terminal/service-parts.ts';
import { addressOf, orExplain, requireTemporal } from '../terminal/temporal-answers.ts';
import { type CommandContext, UsageError, unlessInterrupted } from '../terminal/terminal.ts';
import { ownVersion } from '../terminal/version.ts';
import { bannerOf, type ServiceFacts } from './banner.ts';

const STORE = 'database of seats';

/** Everything of the service in one process, in the order in which it is to be stopped. */
export async function startService(
  command: CommandContext,
  options: StartOptions,
): Promise<{ readonly parts: readonly NamedPart[]; readonly logger: Logger }> {
  const { terminal } = command;
  const made = createServiceContext(command);
  const { logger, output } = made;
  const { catalogPath } = made.config;
  const ti = requireTi(made.config);
  // What is wrong with the catalog or the keys is told before anything is started.
  const catalog = summarize(catalogPath, await readCatalogFile(catalogPath, ti.learnerUrl));
  const { service: given, keyFile } = await withSecretKeys(made);
  const report = (line: string) => (output.isWatched ? terminal.note(line) : logger.info(line));

  // Before our Temporal server meets the one of the process that has this folder.
  if (given.config.databaseUrl === null) await refuseIfLocked(given.config.seatsFolder);

  const parts: NamedPart[] = [];
  const prepared = prepareWorker(given);
  prepared.catch(() => undefined); // It is told where the worker starts.
  // While the Temporal server starts: what is wrong with it is told where it is needed first.
  const opening = startStore(given);
  opening.catch(() => undefined);
  try {
    await unlessInterrupted(terminal.interrupted, async () => {
      const { service: served, server } = await withServer(given, options, report);
      if (server) parts.push({ name: 'Temporal server', ended: server.ended, stop: server.stop });
      const { store, ...storePart } = await opening;
      parts.push(named(STORE, storePart));
      const service = { ...served, store };
      await orExplain(service.target, () => ensureSearchAttributes(service));
      const webhooks = await orPortTaken('WEBHOOK_PORT', () => startWebhooks(service));
      parts.unshift(named('webhook server', webhooks));
      const worker = await startWorkerOrExplain(service, { prepared });
      parts.unshift(named('worker', worker));
      const { config, target } = service;
      const pages = pagesOf(service);
      sayReady(command, output, {
        version: ownVersion(),
        crms: crmsInUse(config).map(({ module, account }) => ({
          crm: module.name,
          displayName: module.facts.displayName,
          account,
          provisionsSince: worker.wonSince[module.name] ?? '',
        })),
        platform: new URL(ti.baseUrl).host,
        store: { kind: store.kind, version: store.version, place: store.place },
        catalog,
        sweepIntervalMs: config.sweep.intervalMs,
        webhooks: webhooks.url,
        publicUrl: config.webhook.publicUrl,
        metrics: `${webhooks.url}/metrics`,
        temporal: {
          address: addressOf(target),
          namespace: target.namespace,
          taskQueue: config.taskQueue,
          database: server === null ? null : options.db,
          ui: config.temporalUiUrl,
          runs: viewUrl(pages, VIEWS.deals),
          waiting: viewUrl(pages, VIEWS.waitingDeals),
        },
        keyFile,
      });
    });
    return { parts, logger };
  } catch (error) {
    await stopAll(parts, logger);
    if (!parts.some(({ name }) => name === STORE))
      await opening.then(
        ({ stop }) => stop(),
        () => undefined,
      );
    throw error;
  }
}

function sayReady(
  { terminal }: CommandContext,
  { isWatched, json }: ServiceOutput,
  facts: ServiceFacts,
): void {
  if (isWatched) terminal.paint(bannerOf(facts, lookOf(terminal)));
  else json.info(facts, 'Dealseat is ready');
}

/** The keys of the environment, or some of this machine's own, which the next start finds again. */
async function withSecretKeys(
  context: CommandService,
): Promise<{ readonly service: CommandService; readonly keyFile: string | null }> {
  const { config } = context;
  if (config.secretKeys !== null) return { service: context, keyFile: null };
  const { keys } = await readOrMakeSecretKeys(LOCAL_FOLDER);
  return {
    service: { ...context, config: { ...config, secretKeys: keys } },
    keyFile: secretKeyFile(LOCAL_FOLDER),
  };
}

/** The server that the environment names, or one of our own whose runs outlive a restart. */
async function withServer(
  given: CommandService,
  options: StartOptions,
  report: (line: string) => void,
): Promise<{ readonly service: CommandService; readonly server: DevServer | null }> {
  const { target, config } = given;
  if (target.connectionOptions.address !== undefined) {
    await requireTemporal(target);
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
    report,
    otherwise: 'or set TEMPORAL_ADDRESS to a running server',
    ...(options.temporalPort === 0 ? {} : { port: options.temporalPort }),
    ...(options.uiPort === 0 ? {} : { uiPort: options.uiPort }),
  });
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
