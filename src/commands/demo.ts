import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseFault } from '../../sandbox/fault-request.ts';
import type { Fault } from '../../sandbox/faults.ts';
import { LOG_LEVELS } from '../config/variables.ts';
import { parseJson } from '../domain/parse-json.ts';
import { createLogger } from '../observability/logging.ts';
import { installRuntime } from '../temporal/runtime.ts';
import { createDisplay } from './demo/display.ts';
import { runDemo } from './demo/run.ts';
import { readCatalogFile } from './terminal/catalog-file.ts';
import { EXAMPLE_CATALOG } from './terminal/example-catalog.ts';
import { EXIT } from './terminal/exit-code.ts';
import { type CommandContext, InterruptedError } from './terminal/terminal.ts';

interface DemoCommandOptions {
  readonly keep?: boolean;
  readonly catalog: string;
  readonly fault: readonly Fault[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

export function define(command: Command, context: CommandContext): void {
  command
    .option('--keep', 'leave everything running until Ctrl-C')
    .addOption(
      new Option('--catalog <file>', 'the catalog to use').default(EXAMPLE_CATALOG, 'the example catalog'),
    )
    .addOption(
      new Option('--fault <json>', 'break a stand-in first, and watch; can be given several times')
        .default([], 'none')
        .argParser(addFault),
    )
    .addOption(
      new Option('--log-level <level>', 'also show logs of this level and above')
        .choices(LOG_LEVELS)
        .default('silent'),
    )
    .addHelpText('after', FAULT_HELP)
    .action((options: DemoCommandOptions) => demo(options, context));
}

async function demo(options: DemoCommandOptions, { terminal, exit }: CommandContext): Promise<void> {
  await readCatalogFile(options.catalog, undefined);
  const logger = createLogger({ level: options.logLevel });
  installRuntime(logger);
  const run = await runDemo({
    catalogPath: options.catalog,
    faults: options.fault,
    logger,
    display: createDisplay(terminal),
    write: terminal.write,
    interrupted: terminal.interrupted,
  });
  let keptOpen = false;
  try {
    if (terminal.interrupted.aborted) throw new InterruptedError();
    if (!run.isDelivered) exit(EXIT.failed);
    if (options.keep) {
      terminal.write('\nEverything keeps running; press Ctrl-C to stop.\n');
      await run.untilInterrupted();
      keptOpen = true;
    } else
      terminal.write(
        '\nStopping. Use --keep to leave everything running, and to open the addresses above.\n',
      );
  } finally {
    await run.stop();
    if (keptOpen) terminal.write('Stopped.\n');
  }
}

const FAULT_HELP = `
A fault, for example a create whose answer is lost after the learning platform has carried it out:
  --fault '{"system":"ti","kind":"dropAfterCommit","method":"POST","path":"redemptionCodes$"}'
Keys: system, kind (status, delay, dropBefore, dropAfterCommit, truncate, stall, html, rateLimit), method, path,
status, body, headers, delayMs, times (a number or "always"), after, commit.`;

function addFault(text: string, earlier: readonly Fault[]): readonly Fault[] {
  const value = parseJson(text);
  if (value === undefined) throw new InvalidArgumentError('Expected a JSON object.');
  const parsed = parseFault(value);
  if ('errors' in parsed) throw new InvalidArgumentError(parsed.errors.join('; '));
  return [...earlier, parsed.fault];
}
