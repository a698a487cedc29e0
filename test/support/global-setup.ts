import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { type DevServer, startDevServer } from '../../src/temporal/dev-server/dev-server.ts';
import { startTestPostgresql, type TestPostgresql } from './postgresql.ts';

declare global {
  /** Handed from the set-up to the teardown, which Jest runs in the same process. */
  var temporalOfTheTests: DevServer | undefined;
  var postgresqlOfTheTests: TestPostgresql | undefined;
}

const ADDRESS_VARIABLE = 'TEST_TEMPORAL_ADDRESS';

/** Folders under test/ whose tests never talk to a Temporal server. */
const SERVERLESS = /test\/(unit|activities|clients|sandbox|store|webhooks|toolchain)\b/;

/** Those whose tests need a PostgreSQL. */
const ON_POSTGRESQL = /store|seats|chaos/;
const DATABASE_VARIABLE = 'TEST_DATABASE_URL';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** One Temporal dev server for the whole run; its address is in `TEST_TEMPORAL_ADDRESS`. And one PostgreSQL, in `TEST_DATABASE_URL`. */
export default async function globalSetup(config: {
  testPathPatterns: { patterns: readonly string[] };
}): Promise<void> {
  const { patterns } = config.testPathPatterns;
  await Promise.all([openTemporal(patterns), openPostgresql(patterns)]);
}

async function openPostgresql(patterns: readonly string[]): Promise<void> {
  const isNeeded = patterns.length === 0 || patterns.some((pattern) => ON_POSTGRESQL.test(pattern));
  if (!isNeeded || process.env[DATABASE_VARIABLE] !== undefined) return;
  const server = await startTestPostgresql(say);
  if (server === null) return;
  globalThis.postgresqlOfTheTests = server;
  process.env[DATABASE_VARIABLE] = server.url;
}

async function openTemporal(patterns: readonly string[]): Promise<void> {
  const needsServer = patterns.length === 0 || patterns.some((pattern) => !SERVERLESS.test(pattern));
  if (!needsServer || process.env[ADDRESS_VARIABLE] !== undefined) return;
  const server = await startDevServer({
    ui: false,
    searchAttributes: SEARCH_ATTRIBUTES,
    report: say,
  });
  globalThis.temporalOfTheTests = server;
  process.env[ADDRESS_VARIABLE] = server.address;
}
