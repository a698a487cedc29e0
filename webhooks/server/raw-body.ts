import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WebhookProblem } from './problems.ts';

/**
 * Hands every body to the routes as the bytes that came in: signatures are over bytes, and a parser must not run
 * before the sender is known.
 */
export function useRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
}

export function rawBodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** An `onRequest` hook: refuses before the body is read. */
export function requireContentType(...types: readonly string[]) {
  return async (request: FastifyRequest): Promise<void> => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== undefined && types.includes(type)) return;
    throw new WebhookProblem('webhook.unsupported_media_type', { detail: `Expected ${types.join(' or ')}.` });
  };
}
