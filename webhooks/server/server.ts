import rateLimit from '@fastify/rate-limit';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { API_SCOPES, type Config } from '../../src/config/config.ts';
import type { Secret } from '../../src/config/secret.ts';
import type { Logger } from '../../src/observability/logging.ts';
import type { Metrics } from '../../src/observability/metrics.ts';
import type { Provisioner } from '../../src/runs/port.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import type { StoreDatabase } from '../../src/store/database.ts';
import { registerManual } from '../manual/route.ts';
import { registerPeople } from '../people/route.ts';
import { registerSeats } from '../seats/route.ts';
import { createKeyCheck, LOCAL_PARTNER } from './api-keys.ts';
import { createChooseLane } from './choose-lane.ts';
import { registerOperations } from './health.ts';
import { DEFAULT_LIMITS, type SourceDeps, type WebhookLimits } from './limits.ts';
import { createOpenApi } from './openapi.ts';
import { createForgedLimit } from './rate-limits.ts';
import { useRawBodies } from './raw-body.ts';
import { answerBrokenRequest, answerProblem, registerAnswers } from './request-log.ts';
import type { WebhookSource } from './source.ts';
import { createTallyOf } from './tally.ts';

export interface WebhookServerDeps {
  readonly config: Config;
  /** Of the CRMs that are on. */
  readonly sources: readonly WebhookSource[];
  readonly provisioner: Provisioner;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Absent: the server knows no seats. */
  readonly store?: StoreDatabase;
  /** Absent: this process has no store open. */
  readonly desk?: SeatDesk;
  /** Opens everything, for commands of this machine. */
  readonly localKey?: Secret;
  readonly now?: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs?: () => number;
  readonly limits?: Partial<WebhookLimits>;
}

/** Longest path parameter that is looked at: a provisioning id, or the secret of the Salesforce endpoint. */
const MAX_PARAM_LENGTH = 512;

/** The HTTP way in. Does not listen yet. */
export function createWebhookServer(deps: WebhookServerDeps): FastifyInstance {
  const { config, sources, provisioner, metrics } = deps;
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };

  const app = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    // Fastify's own request log holds the address, and so the secret of the Salesforce endpoint.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      // Node looks for slow senders only this often; its default of 30 s would let them stay.
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    },
    frameworkErrors: answerProblem,
    clientErrorHandler: answerBrokenRequest,
  });

  useRawBodies(app);
  letConnectionsEnd(app, limits.closingMs);
  registerAnswers(app, metrics);
  app.register(rateLimit, { global: false });
  app.register(async (scope) => {
    const sourceDeps: SourceDeps = {
      provisioner,
      refuseForged: createForgedLimit(scope, limits.forgedPerMinute),
      tallyOf: createTallyOf(metrics),
      chooseLane: createChooseLane({ ...limits, monotonicMs: deps.monotonicMs }),
      limits,
      now: deps.now ?? Date.now,
    };
    scope.decorateRequest('partner', '');
    const keys = [
      ...config.manualApiKeys,
      ...(deps.localKey === undefined
        ? []
        : [{ partner: LOCAL_PARTNER, key: deps.localKey, scopes: API_SCOPES }]),
    ];
    const requireKey = createKeyCheck(keys, sourceDeps.refuseForged);
    for (const source of sources) source.register(scope, sourceDeps);
    registerManual(scope, config, { ...sourceDeps, requireKey });
    registerSeats(scope, config, { ...sourceDeps, requireKey, desk: deps.desk ?? null });
    registerPeople(scope, { ...sourceDeps, requireKey, desk: deps.desk ?? null });
    registerOperations(scope, { provisioner, metrics, readyBudgetMs: limits.readyBudgetMs });
    const openApi = createOpenApi({ config, sources });
    scope.get('/openapi.json', async () => openApi);
  });
  return app;
}

/**
 * A stop closes the idle connections; one that is busy then would be kept alive, and the stop wait for it. Node looks
 * for slow senders no more once it closes, so whoever drips or says nothing then is cut off here.
 */
function letConnectionsEnd(app: FastifyInstance, closingMs: number): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
    const cutOff = setTimeout(() => app.server.closeAllConnections(), closingMs).unref();
    app.server.once('close', () => clearTimeout(cutOff));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
}
