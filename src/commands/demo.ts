import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { createLogger } from '../logging.ts';
import { installRuntime } from '../temporal/runtime.ts';
import { runDemo } from './demo/run.ts';

const EXAMPLE_CATALOG = fileURLToPath(new URL('../../catalog.example.yaml', import.meta.url));

export function demoCommand(): Command {
  return new Command('demo')
    .description('watch two won deals, one in each CRM, become delivered rosters in a sandbox')
    .option('--keep', 'leave everything running until Ctrl-C')
    .option('--catalog <file>', 'catalog to use', EXAMPLE_CATALOG)
    .option('--log-level <level>', 'also show logs of this level and above', 'silent')
    .action(async (options: { keep?: boolean; catalog: string; logLevel: 'silent' }) => {
      const logger = createLogger({ level: options.logLevel });
      installRuntime(logger);
      const demo = await runDemo({
        catalogPath: options.catalog,
        logger,
        write: (text) => process.stdout.write(text),
      });
      if (!demo.isDelivered) process.exitCode = 1;
      if (options.keep) {
        process.stdout.write('Everything keeps running; press Ctrl-C to stop.\n');
        await demo.stack.worker.ended;
      }
      await demo.stop();
    });
}
