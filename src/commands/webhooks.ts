import type { Command } from 'commander';
import { startStore } from '../processes/store.ts';
import { startWebhooks } from '../processes/webhooks.ts';
import { storeLine } from './start/store-line.ts';
import { orPortTaken } from './terminal/ports.ts';
import { createServiceContext } from './terminal/service-context.ts';
import { named, serveUntilStopped, stopAll } from './terminal/service-parts.ts';
import { requireTemporal } from './terminal/temporal-answers.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .addHelpText(
      'after',
      '\nAnswers 503 while Temporal cannot be reached, so that the CRMs send their events again.',
    )
    .action(async () => {
      const service = createServiceContext(context);
      // The embedded store is the worker's.
      const opened = service.config.databaseUrl === null ? null : await startStore(service);
      const last = opened === null ? [] : [named('database of seats', opened)];
      const webhooks = await orPortTaken('WEBHOOK_PORT', () =>
        startWebhooks(opened === null ? service : { ...service, store: opened.store }),
      ).catch(async (error: unknown) => {
        await stopAll(last, service.logger);
        throw error;
      });
      const { logger, target, output } = service;
      if (opened !== null) logger.info(`Seats: ${storeLine(opened.store)}`);
      const { url } = webhooks;
      if (output.isWatched) context.terminal.write(`The webhook server listens at ${url}/webhooks/\n`);
      else logger.info({ url }, 'The webhook server listens');
      requireTemporal(target).catch((error: Error) => {
        logger.warn(`${error.message} Until then webhooks are answered 503, and the CRMs send them again.`);
      });
      const { interrupted } = context.terminal;
      context.exit(
        await serveUntilStopped([named('webhook server', webhooks), ...last], { interrupted, logger }),
      );
    });
}
