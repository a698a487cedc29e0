import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../src/observability/metrics.ts';
import { type Provisioner, TemporalUnavailableError } from '../../src/runs/port.ts';

interface OperationsDeps {
  readonly provisioner: Pick<Provisioner, 'ready'>;
  readonly metrics: Metrics;
  readonly readyBudgetMs: number;
}

/** `GET /healthz` (this process lives), `GET /readyz` (Temporal takes work), `GET /metrics`. */
export function registerOperations(app: FastifyInstance, deps: OperationsDeps): void {
  const checkReady = shareRunning(() => readyWithin(deps.provisioner, deps.readyBudgetMs));

  app.get('/healthz', { logLevel: 'warn' }, async () => ({ status: 'ok' }));

  app.get('/readyz', { logLevel: 'warn' }, async () => {
    await checkReady();
    return { status: 'ready' };
  });

  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) =>
    reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics()),
  );
}

/** Callers that come while a check runs get its result: anybody may ask, but Temporal is asked once at a time. */
function shareRunning(check: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= check().finally(() => {
      running = null;
    });
    return running;
  };
}

async function readyWithin(provisioner: Pick<Provisioner, 'ready'>, budgetMs: number): Promise<void> {
  const timer = new AbortController();
  const tooLate = delay(budgetMs, undefined, { signal: timer.signal }).then(
    () => {
      throw new TemporalUnavailableError(`Temporal did not answer within ${budgetMs} ms`);
    },
    () => undefined,
  );
  try {
    await Promise.race([provisioner.ready(), tooLate]);
  } catch (error) {
    if (error instanceof TemporalUnavailableError) throw error;
    throw new TemporalUnavailableError('Temporal is not ready', error);
  } finally {
    timer.abort();
  }
}
