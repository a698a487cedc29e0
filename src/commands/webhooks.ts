import type { Command } from 'commander';
import { startWebhooks } from '../processes/webhooks.ts';
import { createServiceContext } from './terminal/service-context.ts';
import { named, serveUntilStopped } from './terminal/service-parts.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .addHelpText('after', '\nAnswers 503 while Temporal cannot be reached, so that the CRMs send again.')
    .action(async () => {
      const service = createServiceContext(context);
      const webhooks = await startWebhooks(service);
      const { logger } = service;
      logger.info({ url: webhooks.url }, 'The webhook server listens');
      const { interrupted } = context.terminal;
      context.exit(await serveUntilStopped([named('webhook server', webhooks)], { interrupted, logger }));
    });
}
