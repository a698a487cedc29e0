import { LOG_LEVELS } from '../../config/variables.ts';
import { createLogger } from '../../observability/logging.ts';
import { installRuntime } from '../../temporal/runtime.ts';
import { EXAMPLE_CATALOG } from '../terminal/example-catalog.ts';
import { EXIT, type ExitCode } from '../terminal/exit-code.ts';
import { isPortFree } from '../terminal/ports.ts';
import { facts } from '../terminal/print.ts';
import { type NamedPart, serveUntilStopped } from '../terminal/service-parts.ts';
import { InterruptedError, type Terminal, unlessInterrupted } from '../terminal/terminal.ts';
import { createSandboxStack, type SandboxStack, type StackPorts } from './stack.ts';

interface SandboxServiceOptions {
  readonly temporalPort: number;
  readonly uiPort: number;
}

const PAGE_PORT = 9_100;
const WEBHOOK_PORT = 8_080;
/** The page, and the three stand-ins. */
const SANDBOX_PORTS = 4;

/**
 * The whole service on stand-ins, in one terminal, until it is asked to end. It reads no setting of a real tenant, and
 * keeps nothing: its data, keys and runs are in memory.
 */
export async function serveSandbox(terminal: Terminal, options: SandboxServiceOptions): Promise<ExitCode> {
  const logger = createLogger({ level: logLevelIn(terminal.env) });
  installRuntime(logger);
  const stack = createSandboxStack({
    catalogPath: EXAMPLE_CATALOG,
    logger,
    ports: await freePorts(options),
    areDealsOpen: true,
  });
  try {
    for (const { title, run } of stack.steps) {
      terminal.note(`${title} …`);
      await unlessInterrupted(terminal.interrupted, () => run(() => undefined));
    }
    const running = stack.stack();
    terminal.write(banner(running));
    return await serveUntilStopped(partsOf(running), { interrupted: terminal.interrupted, logger });
  } catch (error) {
    if (error instanceof InterruptedError) return EXIT.interrupted;
    throw error;
  } finally {
    await stack.stop();
    terminal.note('Stopped.');
  }
}

/** None of them should end by itself; the stack stops them all. */
function partsOf({ temporal, worker, webhooks }: SandboxStack): NamedPart[] {
  const stop = async () => undefined;
  return [
    { name: 'webhook server', ended: webhooks.ended, stop },
    { name: 'worker', ended: worker.ended, stop },
    { name: 'Temporal server', ended: temporal.ended, stop },
  ];
}

/** The usual ports where they are free, so that commands and bookmarks find them; any others where they are not. */
async function freePorts({ temporalPort, uiPort }: SandboxServiceOptions): Promise<StackPorts> {
  const unlessTaken = async (port: number) => (port !== 0 && (await isPortFree(port)) ? port : undefined);
  const page = await Promise.all(
    Array.from({ length: SANDBOX_PORTS }, (_, index) => unlessTaken(PAGE_PORT + index)),
  );
  const [temporal, temporalUi, webhooks] = await Promise.all(
    [temporalPort, uiPort, WEBHOOK_PORT].map(unlessTaken),
  );
  return {
    ...(temporal && { temporal }),
    ...(temporalUi && { temporalUi }),
    ...(webhooks && { webhooks }),
    ...(page.every((port) => port !== undefined) && { page: PAGE_PORT }),
  };
}

function logLevelIn({ DEALSEAT_LOG_LEVEL: wanted }: NodeJS.ProcessEnv) {
  return LOG_LEVELS.find((level) => level === wanted) ?? 'warn';
}

function banner({ sandbox, temporal, webhooks, commands }: SandboxStack): string {
  const places = facts([
    ['Open this page', sandbox.page.url],
    ['Temporal UI', temporal.uiUrl],
    ['Webhooks', `${webhooks.url}/webhooks/…`],
    ['Commands', `${commands} list`],
  ]);
  return `
Dealseat runs on stand-ins of HubSpot, Salesforce and Thought Industries. No setting of yours is read.

${places}
Win a deal on the page and watch. Ctrl-C stops everything and forgets it.
`;
}
