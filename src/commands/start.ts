import type { Command } from 'commander';
import type { StartOptions } from './start/service.ts';
import { startService } from './start/service.ts';
import { portOption } from './terminal/ports.ts';
import { serveUntilStopped } from './terminal/service-parts.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .option('--db <file>', 'the database file of the built-in Temporal server', '.dealseat/temporal.db')
    .addOption(portOption('--temporal-port <port>', 'the port of the built-in Temporal server', 7233))
    .option(
      '--sandbox',
      'run on stand-ins of all three systems, with a page to try things on; reads no settings',
    )
    .addOption(portOption('--ui-port <port>', 'the port of the Temporal UI', 8233))
    .addHelpText(
      'after',
      `
On a terminal it shows what is running, then one line for each outcome of a deal. In a pipe it prints lines of JSON.
--db, --temporal-port and --ui-port have an effect only if no TEMPORAL_* variable and no Temporal profile names a server.
On SIGTERM or Ctrl-C the worker finishes its running steps (70 s at most). Then the webhook server stops, then the
Temporal server. Exit code 0: all of them stopped in order.`,
    )
    .action(async (options: StartOptions & { readonly sandbox?: boolean }) => {
      if (options.sandbox) {
        const { serveSandbox } = await import('./sandbox/serve.ts');
        context.exit(await serveSandbox(context.terminal, options));
        return;
      }
      const { parts, logger } = await startService(context, options);
      context.exit(await serveUntilStopped(parts, { interrupted: context.terminal.interrupted, logger }));
    });
}
