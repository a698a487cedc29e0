import type { Command } from 'commander';
import { requireSecretKeys, requireTi } from '../config/config.ts';
import { startStore } from '../processes/store.ts';
import { storeLine } from './start/store-line.ts';
import { readCatalogFile } from './terminal/catalog-file.ts';
import { createServiceContext, startWorkerOrExplain } from './terminal/service-context.ts';
import { named, serveUntilStopped, stopAll } from './terminal/service-parts.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .addHelpText(
      'after',
      '\nOn SIGTERM or Ctrl-C the worker finishes its running steps (70 s at most), then stops.',
    )
    .action(async () => {
      const service = createServiceContext(context);
      const { catalogPath } = service.config;
      await readCatalogFile(catalogPath, requireTi(service.config).learnerUrl);
      requireSecretKeys(service.config);
      const { store, ...storePart } = await startStore(service);
      const last = named('database of seats', storePart);
      service.logger.info(`Seats: ${storeLine(store)}`);
      const worker = await startWorkerOrExplain({ ...service, store }).catch(async (error: unknown) => {
        await stopAll([last], service.logger);
        throw error;
      });
      const { config, target, logger, output } = service;
      const { taskQueue } = config;
      if (output.isWatched) context.terminal.write(`The worker polls task queue ${taskQueue}.\n`);
      else logger.info({ taskQueue, namespace: target.namespace }, 'The worker polls');
      const { interrupted } = context.terminal;
      context.exit(await serveUntilStopped([named('worker', worker), last], { interrupted, logger }));
    });
}
