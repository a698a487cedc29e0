import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config, ManualApiKey } from '../../src/config/config.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { parseProvisioningId } from '../../src/domain/deal/ids.ts';
import { issueInWords } from '../../src/domain/issue-words.ts';
import { accountOf, crmNamed, isServed } from '../../src/processes/deal-ref.ts';
import { parseJson } from '../server/bounded-json.ts';
import type { SourceDeps } from '../server/limits.ts';
import { WebhookProblem } from '../server/problems.ts';
import { createPartnerLimit } from '../server/rate-limits.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { manualBody } from '../server/schemas.ts';
import { previewForPartner, toPartnerView } from './partner-view.ts';

const BODY_LIMIT = 16 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the partner whose key came with the request; empty before it was checked. */
    partner: string;
  }
}

/** `POST /webhooks/manual` and `GET /provisionings/:id`, for partners with a key from `MANUAL_API_KEYS`. */
export function registerManual(app: FastifyInstance, config: Config, deps: SourceDeps): void {
  const body = manualBody(config.knownCrms);
  app.decorateRequest('partner', '');
  const partnerOf = (request: FastifyRequest): string => request.partner;
  const limitProvisionings = createPartnerLimit(app, deps.limits.manualPerMinute, partnerOf);
  const limitLookUps = createPartnerLimit(app, deps.limits.lookUpsPerMinute, partnerOf);

  const authenticate = async (request: FastifyRequest): Promise<void> => {
    const partner = findPartner(request.headers.authorization, config.manualApiKeys);
    if (partner !== null) request.partner = partner;
    else await deps.refuseForged(request, new WebhookProblem('webhook.unauthorized'));
  };

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
  const parsed = body.safeParse(parseJson(bytes), { error: issueInWords });
  if (!parsed.success) {
    throw new WebhookProblem('webhook.malformed', {
      detail: 'Expected {"crm", "dealId", "dryRun"?, "planHash"?}.',
      errors: parsed.error.issues.map(({ path, message }) => ({
        field: path.join('.') || '(body)',
        message,
      })),
    });
  }
  const { crm, dealId: text, dryRun = false, planHash } = parsed.data;
  const module = crmNamed(config, crm);
  const account = module && accountOf(config, module);
  if (module === null || account === null) {
    throw new WebhookProblem('webhook.crm_off', { detail: `The variables of ${crm} are not set.` });
  }
  const dealId = module.dealId.canonical(text);
  if (dealId === null) {
    throw new WebhookProblem('webhook.malformed', {
      errors: [{ field: 'dealId', message: `expected ${module.dealId.form}` }],
    });
  }
  const ref = { crm, account, dealId };
  return { ref, dryRun, planHash };
}

/** Compares with every key, so that the time taken does not tell how many there are before the right one. */
function findPartner(authorization: string | undefined, keys: readonly ManualApiKey[]): string | null {
  const presented = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (presented === undefined) return null;
  const matching = keys.filter(({ key }) => key.matches(presented));
  return matching[0]?.partner ?? null;
}
