import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CrmModule } from '../../src/clients/crm-module.ts';
import type { HubSpotSettings } from '../../src/clients/hubspot/module.ts';
import { parseJson } from '../server/bounded-json.ts';
import type { SourceDeps } from '../server/limits.ts';
import { problemAnswers } from '../server/openapi-parts.ts';
import { WebhookProblem } from '../server/problems.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import type { WebhookSource } from '../server/source.ts';
import { startRuns } from '../server/start-runs.ts';
import { judgeHubSpotEvent } from './events.ts';
import { checkHubSpotSignature } from './signature.ts';

const BODY_LIMIT = 1024 * 1024;
const MAX_EVENTS = 100;
/** HubSpot hangs up after 5 s. */
const BUDGET_MS = 3_500;

const PROBLEM_OF = { invalid: 'webhook.signature_invalid', stale: 'webhook.stale' } as const;

interface HubSpotSourceOptions {
  readonly crm: CrmModule<HubSpotSettings>;
  readonly settings: HubSpotSettings;
  /** Where HubSpot calls this server: it signs the address. */
  readonly publicUrl: string;
  /** Ids of the won stages of all pipelines, from a cache kept off the request path; null while they are not known. */
  readonly wonStages: () => ReadonlySet<string> | null;
}

export function hubspotSource(options: HubSpotSourceOptions): WebhookSource {
  return {
    openApi: OPEN_API,
    register: (scope, deps) => registerHubSpot(scope, options, deps),
  };
}

const OPEN_API = {
  '/webhooks/hubspot': {
    post: {
      operationId: 'hubspotEvents',
      summary: 'Webhook events of the HubSpot app, signed with its client secret (v3).',
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'array' } } } },
      responses: {
        200: { description: 'Every run that was called for is accepted.' },
        ...problemAnswers(400, 401, 413, 415, 429, 503),
      },
    },
  },
};

/**
 * `POST /webhooks/hubspot`. HubSpot waits five seconds for the whole batch and sends it again, up to ten times in a
 * day, after any 4xx or 5xx: so one bad event must not spoil its batch.
 */
function registerHubSpot(
  app: FastifyInstance,
  { crm, settings, publicUrl, wonStages }: HubSpotSourceOptions,
  deps: SourceDeps,
): void {
  const account = crm.accountOf(settings);
  const budgetMs = deps.limits.budgetMs[crm.name] ?? BUDGET_MS;
  app.post('/webhooks/hubspot', {
    bodyLimit: BODY_LIMIT,
    config: { source: crm.name },
    onRequest: [
      async (request) => {
        // Without these two headers there is no need to read the body.
        if (headerOf(request, 'x-hubspot-signature-v3') && headerOf(request, 'x-hubspot-request-timestamp'))
          return;
        await deps.refuseForged(
          request,
          new WebhookProblem('webhook.signature_invalid', {
            detail: 'Expected the headers X-HubSpot-Signature-v3 and X-HubSpot-Request-Timestamp.',
          }),
        );
      },
      requireContentType('application/json'),
    ],
    handler: async (request) => {
      const body = rawBodyOf(request);
      const signed = {
        method: request.method,
        // Built from the configuration: a sender can set any Host and X-Forwarded header.
        url: publicUrl + (request.raw.url ?? ''),
        body,
        signature: headerOf(request, 'x-hubspot-signature-v3'),
        timestamp: headerOf(request, 'x-hubspot-request-timestamp'),
      };
      const verdict = checkHubSpotSignature(signed, settings.clientSecrets, deps.now());
      if (verdict !== 'valid') await deps.refuseForged(request, new WebhookProblem(PROBLEM_OF[verdict]));

      const context = { portalId: account, wonStages: wonStages(), dealId: crm.dealId.canonical };
      const verdicts = eventsOf(body).map((event) => judgeHubSpotEvent(event, context));
      const tally = deps.tallyOf(crm.name, request);
      for (const event of verdicts) if (!event.start) tally.count(event.outcome);
      const accepted = verdicts.flatMap((event) => (event.start ? [event] : []));
      const runs = accepted.flatMap(({ dealIds, eventId, changeSource }) =>
        dealIds.map((dealId) => ({
          ref: { crm: crm.name, account, dealId },
          trigger: { by: crm.name, detail: eventId },
          changeSource,
        })),
      );
      await tally.around(accepted.length, () => startRuns({ ...deps, runs, budgetMs }));
      return { events: verdicts.length, accepted: accepted.length };
    },
  });
}

function eventsOf(body: Buffer): readonly unknown[] {
  const events = parseJson(body);
  if (Array.isArray(events) && events.length >= 1 && events.length <= MAX_EVENTS) return events;
  throw new WebhookProblem('webhook.malformed', {
    detail: `Expected a JSON array of 1 to ${MAX_EVENTS} events.`,
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
