import type { Command } from 'commander';
import type { StartOptions } from './start/service.ts';
import { startService } from './start/service.ts';
import { portOption } from './terminal/ports.ts';
import { serveUntilStopped } from './terminal/service-parts.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .option('--db <file>', 'database of the built-in Temporal server', '.dealseat/temporal.db')
    .addOption(portOption('--temporal-port <port>', 'port of the built-in Temporal server', 7233))
    .addOption(portOption('--ui-port <port>', 'port of its UI', 8233))
    .option('--sandbox', 'run on stand-ins of all three systems, with a page to play on; reads no settings')
    .addHelpText(
      'after',
      `
On a terminal it shows what the service is and one line for each outcome of a deal; piped, the same as lines of JSON.
The first three options count only while no TEMPORAL_* variable (and no Temporal profile) names a server.
On SIGTERM or Ctrl-C the worker finishes its running steps (70 s at most), then the webhook server and at last
the Temporal server stop. Exit code 0 if all of that went in order.`,
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
