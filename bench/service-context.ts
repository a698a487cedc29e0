import { fileURLToPath } from 'node:url';
import { type SandboxUrls, sandboxEnvironment } from '../sandbox/environment.ts';
import { loadConfig } from '../src/config/config.ts';
import { createLogger } from '../src/observability/logging.ts';
import type { ServiceContext } from '../src/processes/context.ts';

/** HubSpot signs this address; the bench posts to whatever port the server got. */
export const PUBLIC_URL = 'http://127.0.0.1:9';

export const CATALOG = fileURLToPath(new URL('./catalog.yaml', import.meta.url));
export const LEARNERS_CATALOG = fileURLToPath(new URL('./catalog-learners.yaml', import.meta.url));
/** Beyond any speed reached here, so that the product is measured and not its courtesy towards a real tenant. */
const UNBOUND_REQUESTS_PER_MINUTE = 1_000_000;

/**
 * The stand-ins list codes at once, except where the history of a deal with many looks at the code list is measured; that
 * must not take minutes.
 */
const QUICK_LOOKS = { DEALSEAT_POLICY_POLL_INTERVAL_MS: '100', DEALSEAT_POLICY_POLL_MAX_MS: '100' };

/** The service as it is shipped, on the stand-ins; only its request budget is lifted. */
export function createContext(options: {
  readonly urls: SandboxUrls;
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly catalogPath?: string;
}): ServiceContext {
  const config = loadConfig({
    ...sandboxEnvironment(options.urls),
    DEALSEAT_TASK_QUEUE: options.taskQueue,
    DEALSEAT_CATALOG: options.catalogPath ?? CATALOG,
    ...QUICK_LOOKS,
    // The sweep would find deals of the bench before they are announced.
    DEALSEAT_SWEEP_INTERVAL_MS: String(24 * 60 * 60 * 1_000),
    WEBHOOK_PORT: '0',
    WEBHOOK_PUBLIC_URL: PUBLIC_URL,
  });
  return {
    config: {
      ...config,
      ti: config.ti && { ...config.ti, requestsPerMinute: UNBOUND_REQUESTS_PER_MINUTE },
    },
    target: { connectionOptions: { address: options.temporalAddress }, namespace: 'default' },
    // A webhook that the server could not take in time is sent again, and a run that fails stops the bench.
    logger: createLogger({ level: 'fatal' }),
  };
}
