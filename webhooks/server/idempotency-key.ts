import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { LOCAL_PARTNER } from './api-keys.ts';
import { WebhookProblem } from './problems.ts';

const KEY_DIGITS = 32;

/**
 * What the request is known by, however often it is sent. The command chooses ids itself; keys of several partners may be
 * equal, and are of any form. Throws `webhook.malformed` without a key.
 */
export function requestIdOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new WebhookProblem('webhook.malformed', {
      detail:
        'Expected the header Idempotency-Key with 1 to 255 characters without spaces, the same at each repeat.',
    });
  }
  if (request.partner === LOCAL_PARTNER) return key;
  return `${request.partner}:${createHash('sha256').update(key).digest('hex').slice(0, KEY_DIGITS)}`;
}

/** In the OpenAPI document. */
export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'The same for each repeat of one request, so that it is carried out once.',
  schema: { type: 'string', maxLength: 255 },
};
