import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/temporal/dev-server/run-command.ts';

/** Temporal's own server and the tool that makes its tables, for a database of one's own. */
export interface TemporalServerBinaries {
  readonly server: string;
  readonly sqlTool: string;
}

/** The one that the dev server of this clone carries, so that both are compared like with like. */
export const TEMPORAL_SERVER_VERSION = 'v1.29.1';

const CACHE = fileURLToPath(new URL('../../.cache/temporal-server/', import.meta.url));
const BUILD_TIMEOUT_MS = 60 * 60_000;

/** Kept in the clone's cache; built with Go where it is not there. Throws when Go is missing or fails. */
export async function ensureTemporalServer(report: (line: string) => void): Promise<TemporalServerBinaries> {
  const binaries = {
    server: join(CACHE, `temporal-server-${TEMPORAL_SERVER_VERSION}`),
    sqlTool: join(CACHE, `temporal-sql-tool-${TEMPORAL_SERVER_VERSION}`),
  };
  if ((await isExecutable(binaries.server)) && (await isExecutable(binaries.sqlTool))) return binaries;
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(join(CACHE, 'partial-'));
  try {
    const sources = ['cmd/server', 'cmd/tools/sql'].map(
      (folder) => `go.temporal.io/server/${folder}@${TEMPORAL_SERVER_VERSION}`,
    );
    report(`Building Temporal ${TEMPORAL_SERVER_VERSION} with Go; 3 to 10 minutes on 2 cores, once …`);
    const { exitCode, stderrTail } = await runCommand({
      command: 'go',
      args: ['install', ...sources],
      env: { GOBIN: scratch, GOWORK: 'off' },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (exitCode !== 0)
      throw new Error(`Temporal's server could not be built with Go:\n${stderrTail.join('\n')}`);
    await rename(join(scratch, 'server'), binaries.server);
    await rename(join(scratch, 'sql'), binaries.sqlTool);
    return binaries;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
