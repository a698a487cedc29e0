import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics, RequestOutcome } from '../../src/observability/metrics.ts';
import { sendProblem, toAnswer, WebhookProblem, type WebhookProblemCode } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the problem that was answered, for the log line. */
    problemCode: string | null;
  }
}

/** Every error of every route becomes problem+json here; every request becomes one log line and one measurement. */
export function registerAnswers(app: FastifyInstance, metrics: Metrics): void {
  app.decorateRequest('problemCode', null);
  app.decorateRequest('eventCounts', null);

  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(
      new WebhookProblem('webhook.not_found', {
        detail: 'The address is wrong, or its CRM is not configured here.',
      }),
      request,
      reply,
    ),
  );

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: the path of the Salesforce endpoint is a password.
    const route = request.routeOptions.url ?? 'unmatched';
    const { source } = request.routeOptions.config;
    metrics.httpSeconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    if (source) metrics.webhookRequests.inc({ source, outcome: outcomeOf(reply.statusCode) });
    request.log[reply.statusCode >= 500 ? 'warn' : 'info'](
      {
        method: request.method,
        route,
        status: reply.statusCode,
        tookMs: Math.round(reply.elapsedTime),
        ...(request.problemCode ? { problem: request.problemCode, from: request.ip } : {}),
        ...(request.eventCounts ? { events: request.eventCounts } : {}),
      },
      'answered',
    );
  });
}

export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, status } = toAnswer(error).body;
  request.problemCode = code;
  if (status >= 500) request.log.error({ err: error, problem: code }, 'request failed');
  return sendProblem(reply, error);
}

function outcomeOf(status: number): RequestOutcome {
  if (status < 400) return 'accepted';
  if (status === 401 || status === 403) return 'forged';
  if (status === 429) return 'rate_limited';
  return status < 500 ? 'refused' : 'unavailable';
}

const SOCKET_PROBLEMS: Readonly<Record<string, WebhookProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'webhook.timeout',
  HPE_HEADER_OVERFLOW: 'webhook.headers_too_large',
};

/** For what is not HTTP enough to reach a route. Not logged: the error carries the bytes, secret path included. */
export function answerBrokenRequest(error: { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = new WebhookProblem(SOCKET_PROBLEMS[error.code ?? ''] ?? 'webhook.malformed');
  const { body } = toAnswer(problem);
  const text = JSON.stringify(body);
  socket.end(
    [
      `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status] ?? ''}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(text)}`,
      'connection: close',
      '',
      text,
    ].join('\r\n'),
  );
}
