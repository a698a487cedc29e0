import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiScope, Config } from '../../src/config/config.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { parseProvisioningId } from '../../src/domain/deal/ids.ts';
import { isServed } from '../../src/processes/deal-ref.ts';
import type { RequireKey } from '../server/api-keys.ts';
import { parseJson } from '../server/bounded-json.ts';
import { checked } from '../server/checked.ts';
import { knownDeal } from '../server/known-deal.ts';
import type { SourceDeps } from '../server/limits.ts';
import { WebhookProblem } from '../server/problems.ts';
import { createPartnerLimit } from '../server/rate-limits.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { manualBody } from '../server/schemas.ts';
import { previewForPartner, toPartnerView } from './partner-view.ts';

const BODY_LIMIT = 16 * 1024;

export interface ManualDeps extends SourceDeps {
  readonly requireKey: (scope: ApiScope) => RequireKey;
}

/** `POST /webhooks/manual` and `GET /provisionings/:id`, for partners with a key from `MANUAL_API_KEYS`. */
export function registerManual(app: FastifyInstance, config: Config, deps: ManualDeps): void {
  const body = manualBody(config.knownCrms);
  const partnerOf = (request: FastifyRequest): string => request.partner;
  const limitProvisionings = createPartnerLimit(app, deps.limits.manualPerMinute, partnerOf);
  const limitLookUps = createPartnerLimit(app, deps.limits.lookUpsPerMinute, partnerOf);

  const authenticate = deps.requireKey('provision');

  app.post('/webhooks/manual', {
    bodyLimit: BODY_LIMIT,
    config: { source: 'manual' },
    onRequest: [authenticate, limitProvisionings, requireContentType('application/json')],
    handler: async (request, reply) => {
      const { ref, dryRun, planHash } = readManualBody(rawBodyOf(request), body, config);
      if (dryRun) return previewForPartner(await deps.provisioner.preview(ref));
      // The deal names the run, so a repeated call meets the run that the first one started.
      const { id, status } = await deps.provisioner.provision(
        ref,
        { by: 'manual', detail: request.partner },
        planHash === undefined ? {} : { planHash },
      );
      deps.tallyOf('manual', request).count('started');
      const self = `${config.webhook.publicUrl ?? ''}/provisionings/${encodeURIComponent(id)}`;
      return reply.code(202).header('location', self).send({ id, status, links: { self } });
    },
  });

  app.get<{ Params: { id: string } }>('/provisionings/:id', {
    onRequest: [authenticate, limitLookUps],
    handler: async (request) => {
      const { id } = request.params;
      const deal = parseProvisioningId(id);
      // Other installations may keep their runs in the same namespace.
      const view = deal !== null && isServed(config, deal) ? await deps.provisioner.describe(id) : null;
      if (view === null) throw new WebhookProblem('webhook.unknown_provisioning');
      return toPartnerView(view);
    },
  });
}

interface ManualRequest {
  readonly ref: DealRef;
  readonly dryRun: boolean;
  readonly planHash: string | undefined;
}

function readManualBody(bytes: Buffer, body: ReturnType<typeof manualBody>, config: Config): ManualRequest {
  const {
    dryRun = false,
    planHash,
    ...deal
  } = checked(body, parseJson(bytes), '{"crm", "dealId", "dryRun"?, "planHash"?}');
  return { ref: knownDeal(config, deal), dryRun, planHash };
}
