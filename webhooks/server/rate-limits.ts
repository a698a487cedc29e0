import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WebhookProblem } from './problems.ts';

const MINUTE_MS = 60_000;

/**
 * Counts requests that could not prove who sent them, by address. Only those are held back: the CRMs share addresses
 * with whoever sits behind the same proxy, and a genuine delivery must never be lost because of forged ones.
 */
export type RefuseForged = (request: FastifyRequest, problem: WebhookProblem) => Promise<never>;

export function createForgedLimit(app: FastifyInstance, perMinute: number): RefuseForged {
  const count = app.createRateLimit({
    max: perMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => `forged:${request.ip}`,
  });
  return async (request, problem) => {
    throwIfExceeded(await count(request));
    throw problem;
  };
}

/** Counts the requests of one partner's key, whatever address they come from. */
export type LimitPartner = (request: FastifyRequest) => Promise<void>;

export function createPartnerLimit(
  app: FastifyInstance,
  perMinute: number,
  partnerOf: (request: FastifyRequest) => string,
): LimitPartner {
  const count = app.createRateLimit({
    max: perMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => `partner:${partnerOf(request)}`,
  });
  return async (request) => throwIfExceeded(await count(request));
}

type Count = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function throwIfExceeded(count: Count): void {
  if (count.isAllowed || !count.isExceeded) return;
  throw new WebhookProblem('webhook.rate_limited', {
    detail: `At most ${count.max} a minute.`,
    retryAfterSeconds: count.ttlInSeconds,
  });
}
