import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiScope, Config } from '../../src/config/config.ts';
import type { Actor, SeatState } from '../../src/domain/seats/seat-state.ts';
import { type AskBody, actOf, askBody } from '../../src/seats/ask-body.ts';
import type { SeatAsk, SeatDesk, SeatExport } from '../../src/seats/desk.ts';
import { LOCAL_PARTNER, type RequireKey } from '../server/api-keys.ts';
import { parseJson } from '../server/bounded-json.ts';
import { checked } from '../server/checked.ts';
import { requestIdOf } from '../server/idempotency-key.ts';
import { knownDeal } from '../server/known-deal.ts';
import type { WebhookLimits } from '../server/limits.ts';
import { WebhookProblem } from '../server/problems.ts';
import { createPartnerLimit } from '../server/rate-limits.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { requireDesk } from '../server/require-desk.ts';
import {
  batchBody,
  closeBody,
  exportBody,
  exportQuery,
  findBody,
  findingsQuery,
  lateBody,
  linkBody,
  listQuery,
  operationsQuery,
} from './requests.ts';

export interface SeatsDeps {
  /** Null: this process has no store open. */
  readonly desk: SeatDesk | null;
  readonly requireKey: (scope: ApiScope) => RequireKey;
  readonly limits: Pick<WebhookLimits, 'lookUpsPerMinute' | 'manualPerMinute'>;
}

const BODY_LIMIT = 16 * 1024;
/** Of the longest list of changes. */
const BATCH_LIMIT = 512 * 1024;

/** `/api/seats…`, for keys with the scope `seats`. No code and no address of a learner is part of an address. */
export function registerSeats(app: FastifyInstance, config: Config, deps: SeatsDeps): void {
  const partnerOf = (request: FastifyRequest): string => request.partner;
  const limitLookUps = createPartnerLimit(app, deps.limits.lookUpsPerMinute, partnerOf);
  const looking = [deps.requireKey('seats'), limitLookUps];
  const limitActs = createPartnerLimit(app, deps.limits.manualPerMinute, partnerOf);
  const acting = [deps.requireKey('seats'), limitActs, requireContentType('application/json')];
  const exporting = [deps.requireKey('codes'), limitActs, requireContentType('application/json')];
  const asking = { bodyLimit: BODY_LIMIT, onRequest: [...looking, requireContentType('application/json')] };

  const askOf = (request: FastifyRequest, body: AskBody) => ({
    act: actOf(body),
    seat: seatOf(config, body),
    actor: actorOf(request, body.onBehalfOf),
    reason: body.reason,
  });

  app.get('/api/seats', { onRequest: looking }, async (request) => {
    const { state, product, ...query } = checked(listQuery, request.query, 'crm and dealId');
    return requireDesk(deps.desk).seatsOf(knownDeal(config, query), {
      ...pageOf(query),
      ...narrowedBy(state, product),
    });
  });

  app.post('/api/seats/find', asking, async (request) => {
    const { text, by, ...page } = checked(
      findBody,
      parseJson(rawBodyOf(request)),
      '{"text", "by"?, "limit"?, "cursor"?}',
    );
    return requireDesk(deps.desk).find({ text, ...pageOf(page), ...(by === undefined ? {} : { by }) });
  });

  app.get('/api/seats/findings', { onRequest: looking }, async (request) => {
    const { crm, dealId, ...page } = checked(findingsQuery, request.query, 'crm and dealId, or neither');
    const deal =
      crm === undefined || dealId === undefined ? {} : { deal: knownDeal(config, { crm, dealId }) };
    return requireDesk(deps.desk).findings({ ...deal, ...pageOf(page) });
  });

  app.post('/api/seats/findings/close', { ...asking, onRequest: acting }, async (request) => {
    const { crm, dealId, reason, onBehalfOf } = checked(
      closeBody,
      parseJson(rawBodyOf(request)),
      '{"crm", "dealId", "reason", "onBehalfOf"?}',
    );
    const deal = knownDeal(config, { crm, dealId });
    const actor = actorOf(request, onBehalfOf);
    return requireDesk(deps.desk).closeFindings({ id: requestIdOf(request), deal, actor, reason });
  });

  app.get('/api/seats/export', { onRequest: looking }, async (request, reply) => {
    const { state, product, ...deal } = checked(exportQuery, request.query, 'crm and dealId');
    const narrowed = narrowedBy(state, product);
    return sendCsv(reply, await requireDesk(deps.desk).exportSeats(knownDeal(config, deal), narrowed));
  });

  app.post('/api/seats/export', { ...asking, onRequest: exporting }, async (request, reply) => {
    const { state, product, reason, onBehalfOf, ...deal } = checked(
      exportBody,
      parseJson(rawBodyOf(request)),
      '{"crm", "dealId", "reason", "state"?, "product"?, "onBehalfOf"?}',
    );
    const codes = { id: requestIdOf(request), actor: actorOf(request, onBehalfOf), reason };
    const options = { ...narrowedBy(state, product), codes };
    return sendCsv(reply, await requireDesk(deps.desk).exportSeats(knownDeal(config, deal), options));
  });

  app.post('/api/seat-operations', { ...asking, onRequest: acting }, async (request, reply) => {
    const body = checked(
      askBody,
      parseJson(rawBodyOf(request)),
      'kind, seatId, reason and what the kind needs',
    );
    const desk = requireDesk(deps.desk);
    const operation = await desk.ask({ id: requestIdOf(request), ...askOf(request, body) });
    const self = `${config.webhook.publicUrl ?? ''}/api/seat-operations/${encodeURIComponent(operation.id)}`;
    return reply.code(202).header('location', self).send(operation);
  });

  const askingMany = { bodyLimit: BATCH_LIMIT, onRequest: acting };
  app.post('/api/seat-operations/batch', askingMany, async (request, reply) => {
    const { operations } = checked(batchBody, parseJson(rawBodyOf(request)), '{"operations": […]}');
    const asks = operations.map((body) => askOf(request, body));
    return reply.code(202).send(await requireDesk(deps.desk).askMany({ id: requestIdOf(request), asks }));
  });

  app.get('/api/seat-operations', { onRequest: looking }, async (request) => {
    const { waiting, ...page } = checked(
      operationsQuery,
      request.query,
      'waiting, limit and cursor, or none',
    );
    return requireDesk(deps.desk).operations({ isWaiting: waiting === 'true', ...pageOf(page) });
  });

  app.get<{ Params: { id: string } }>('/api/seat-operations/:id', { onRequest: looking }, async (request) =>
    requireDesk(deps.desk).operation(request.params.id),
  );

  app.post<{ Params: { id: string } }>(
    '/api/seat-operations/:id/retry',
    { ...asking, onRequest: acting },
    async (request, reply) =>
      reply.code(202).send(await requireDesk(deps.desk).retryOperation(request.params.id)),
  );

  app.post<{ Params: { id: string } }>(
    '/api/seats/:id/link',
    { ...asking, onRequest: exporting },
    async (request) => {
      const { reason, onBehalfOf } = checked(
        linkBody,
        parseJson(rawBodyOf(request)),
        '{"reason", "onBehalfOf"?}',
      );
      const { id: seatId } = request.params;
      const actor = actorOf(request, onBehalfOf);
      return requireDesk(deps.desk).showLink({ id: requestIdOf(request), seatId, actor, reason });
    },
  );

  app.post<{ Params: { id: string } }>(
    '/api/seats/:id/late-redemption',
    { ...asking, onRequest: acting },
    async (request) => {
      const { decision, reason, onBehalfOf } = checked(
        lateBody,
        parseJson(rawBodyOf(request)),
        '{"decision", "reason", "onBehalfOf"?}',
      );
      const { id: seatId } = request.params;
      const actor = actorOf(request, onBehalfOf);
      return requireDesk(deps.desk).settleLate({
        id: requestIdOf(request),
        seatId,
        decision,
        actor,
        reason,
      });
    },
  );

  app.get<{ Params: { id: string } }>('/api/seats/:id', { onRequest: looking }, async (request) =>
    requireDesk(deps.desk).history(request.params.id),
  );
}

function pageOf({
  limit,
  cursor,
}: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}) {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

function narrowedBy(states: readonly SeatState[] | undefined, productKey: string | undefined) {
  return {
    ...(states === undefined ? {} : { states }),
    ...(productKey === undefined ? {} : { productKey }),
  };
}

function sendCsv(reply: FastifyReply, { csv, seatCount, codeCount, exposedCount }: SeatExport): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .headers({
      'content-disposition': 'attachment; filename="seats.csv"',
      'x-seat-count': seatCount,
      'x-code-count': codeCount,
      'x-exposed-count': exposedCount,
    })
    .send(csv);
}

/** A person at the command of this machine, or a program with a key, perhaps for a person. */
function actorOf({ partner }: FastifyRequest, onBehalfOf: string | undefined): Actor {
  if (partner === LOCAL_PARTNER) return { kind: 'person', name: onBehalfOf ?? null };
  return { kind: 'api', name: onBehalfOf === undefined ? partner : `${onBehalfOf}, ${partner}` };
}

function seatOf(config: Config, body: AskBody): SeatAsk['seat'] {
  const { seatId, version } = body;
  if (seatId !== undefined) return { id: seatId, ...(version === undefined ? {} : { version }) };
  const { crm, dealId, product } = body.kind === 'grant' ? body : {};
  if (crm !== undefined && dealId !== undefined && product !== undefined) {
    return { deal: knownDeal(config, { crm, dealId }), productKey: product };
  }
  throw new WebhookProblem('webhook.malformed', {
    errors: [{ field: 'seatId', message: 'expected the id of a free seat; or crm, dealId and product' }],
  });
}
