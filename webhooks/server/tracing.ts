import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { failSpan, startSpan } from '../../src/observability/telemetry.ts';

/**
 * One span a request, named by the pattern of its route: the address itself holds the secret of the Salesforce
 * endpoint. Call it before the server listens.
 */
export function traceRequests(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();

  app.addHook('onRequest', (request, _reply, next) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const span = startSpan({
      name: `${request.method} ${route}`,
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': request.method, 'http.route': route },
    });
    spans.set(request, span);
    context.with(trace.setSpan(context.active(), span), next);
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', statusCode);
    if (span && statusCode >= 500) failSpan(span, String(statusCode));
    span?.end();
  });
}
