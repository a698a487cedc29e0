import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiScope, Config } from '../../src/config/config.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import type { RequireKey } from '../server/api-keys.ts';
import { parseJson } from '../server/bounded-json.ts';
import { checked } from '../server/checked.ts';
import { knownDeal } from '../server/known-deal.ts';
import type { WebhookLimits } from '../server/limits.ts';
import { createPartnerLimit } from '../server/rate-limits.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { requireDesk } from '../server/require-desk.ts';
import { findBody, findingsQuery, listQuery } from './requests.ts';

export interface SeatsDeps {
  /** Null: this process has no store open. */
  readonly desk: SeatDesk | null;
  readonly requireKey: (scope: ApiScope) => RequireKey;
  readonly limits: Pick<WebhookLimits, 'lookUpsPerMinute'>;
}

const BODY_LIMIT = 16 * 1024;

/** `/api/seats…`, for keys with the scope `seats`. No code and no address of a learner is part of an address. */
export function registerSeats(app: FastifyInstance, config: Config, deps: SeatsDeps): void {
  const partnerOf = (request: FastifyRequest): string => request.partner;
  const limitLookUps = createPartnerLimit(app, deps.limits.lookUpsPerMinute, partnerOf);
  const looking = [deps.requireKey('seats'), limitLookUps];
  const asking = { bodyLimit: BODY_LIMIT, onRequest: [...looking, requireContentType('application/json')] };

  app.get('/api/seats', { onRequest: looking }, async (request) => {
    const { state, product, ...query } = checked(listQuery, request.query, 'crm and dealId');
    return requireDesk(deps.desk).seatsOf(knownDeal(config, query), {
      ...pageOf(query),
      ...(state === undefined ? {} : { states: state }),
      ...(product === undefined ? {} : { productKey: product }),
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
