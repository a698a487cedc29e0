import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiScope } from '../../src/config/config.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import type { RequireKey } from '../server/api-keys.ts';
import { parseJson } from '../server/bounded-json.ts';
import { checked } from '../server/checked.ts';
import { requestIdOf } from '../server/idempotency-key.ts';
import type { WebhookLimits } from '../server/limits.ts';
import { createPartnerLimit } from '../server/rate-limits.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { requireDesk } from '../server/require-desk.ts';
import { eraseBody, exportBody, rotateBody } from './requests.ts';

export interface PeopleDeps {
  /** Null: this process has no store open. */
  readonly desk: SeatDesk | null;
  readonly requireKey: (scope: ApiScope) => RequireKey;
  readonly limits: Pick<WebhookLimits, 'manualPerMinute'>;
}

const BODY_LIMIT = 4 * 1024;

/** People's data and the keys of the store, for keys with the scope `admin`. No address of a person is part of an address. */
export function registerPeople(app: FastifyInstance, { desk, requireKey, limits }: PeopleDeps): void {
  const partnerOf = (request: FastifyRequest): string => request.partner;
  const limit = createPartnerLimit(app, limits.manualPerMinute, partnerOf);
  const asking = {
    bodyLimit: BODY_LIMIT,
    onRequest: [requireKey('admin'), limit, requireContentType('application/json')],
  };

  app.post('/api/people/export', asking, async (request) => {
    const { email } = checked(exportBody, parseJson(rawBodyOf(request)), '{"email"}');
    return requireDesk(desk).person(email);
  });

  app.post('/api/people/erase', asking, async (request, reply) => {
    const erasure = checked(eraseBody, parseJson(rawBodyOf(request)), '{"email", "by"}');
    return sendPart(reply, await requireDesk(desk).erase({ id: requestIdOf(request), ...erasure }));
  });

  app.post('/api/keys/rotate', asking, async (request, reply) => {
    checked(rotateBody, parseJson(rawBodyOf(request)), 'an empty object');
    return sendPart(reply, await requireDesk(desk).rotateKeys({ id: requestIdOf(request) }));
  });
}

/** 202: the same request again does the next part. */
function sendPart(reply: FastifyReply, part: { readonly isOver: boolean }): FastifyReply {
  return reply.code(part.isOver ? 200 : 202).send(part);
}
