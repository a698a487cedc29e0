import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { type DevServer, startDevServer } from '../../src/temporal/dev-server/dev-server.ts';

declare global {
  /** Handed from the set-up to the teardown, which Jest runs in the same process. */
  var temporalOfTheTests: DevServer | undefined;
}

const ADDRESS_VARIABLE = 'TEST_TEMPORAL_ADDRESS';

/** Folders under test/ whose tests never talk to a Temporal server. */
const SERVERLESS = /test\/(unit|activities|clients|sandbox|webhooks|toolchain)\b/;

/** One Temporal dev server for the whole run; its address is in `TEST_TEMPORAL_ADDRESS`. */
export default async function globalSetup(config: {
  testPathPatterns: { patterns: readonly string[] };
}): Promise<void> {
  const { patterns } = config.testPathPatterns;
  const needsServer = patterns.length === 0 || patterns.some((pattern) => !SERVERLESS.test(pattern));
  if (!needsServer || process.env[ADDRESS_VARIABLE] !== undefined) return;
  const server = await startDevServer({
    ui: false,
    searchAttributes: SEARCH_ATTRIBUTES,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  globalThis.temporalOfTheTests = server;
  process.env[ADDRESS_VARIABLE] = server.address;
}
