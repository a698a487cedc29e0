import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { startDevServer } from '../../src/temporal/dev-server/dev-server.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { processTree } from '../driver/processes.ts';
import type { BenchServer } from './temporal.ts';

/** The dev server with its runs in a file, as `dealseat start` has it, or in memory. */
export async function openDevServer(options: {
  readonly store: 'file' | 'memory';
  readonly report: (line: string) => void;
}): Promise<BenchServer> {
  const { store, report } = options;
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-bench-'));
  const port = await freePort();
  const start = () =>
    startDevServer({
      ui: false,
      port,
      searchAttributes: SEARCH_ATTRIBUTES,
      report,
      ...(store === 'file' ? { dbFile: join(folder, 'temporal.db') } : {}),
    });
  let running = await start();
  return {
    address: running.address,
    description: `Temporal dev server, ${store === 'file' ? 'SQLite in a file' : 'in memory'}`,
    stop: () => running.stop(),
    start: async () => {
      running = await start();
    },
    processIds: () => processTree([running.pid]),
    close: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
