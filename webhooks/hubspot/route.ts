import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HubSpotConfig } from '../../src/config/config.ts';
import { parseJson } from '../server/bounded-json.ts';
import type { SourceDeps } from '../server/limits.ts';
import { WebhookProblem } from '../server/problems.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import { startRuns } from '../server/start-runs.ts';
import { judgeHubSpotEvent } from './events.ts';
import { checkHubSpotSignature } from './signature.ts';

const BODY_LIMIT = 1024 * 1024;
const MAX_EVENTS = 100;

const PROBLEM_OF = { invalid: 'webhook.signature_invalid', stale: 'webhook.stale' } as const;

/**
 * `POST /webhooks/hubspot`. HubSpot waits five seconds for the whole batch and sends it again, up to ten times in a
 * day, after any 4xx or 5xx: so one bad event must not spoil its batch.
 */
export function registerHubSpot(
  app: FastifyInstance,
  config: HubSpotConfig,
  deps: SourceDeps & { readonly publicUrl: string; readonly wonStages: () => ReadonlySet<string> | null },
): void {
  app.post('/webhooks/hubspot', {
    bodyLimit: BODY_LIMIT,
    config: { source: 'hubspot' },
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
        url: deps.publicUrl + (request.raw.url ?? ''),
        body,
        signature: headerOf(request, 'x-hubspot-signature-v3'),
        timestamp: headerOf(request, 'x-hubspot-request-timestamp'),
      };
      const verdict = checkHubSpotSignature(signed, config.clientSecrets, deps.now());
      if (verdict !== 'valid') await deps.refuseForged(request, new WebhookProblem(PROBLEM_OF[verdict]));

      const context = { portalId: config.portalId, wonStages: deps.wonStages() };
      const verdicts = eventsOf(body).map((event) => judgeHubSpotEvent(event, context));
      const tally = deps.tallyOf('hubspot', request);
      for (const event of verdicts) if (!event.start) tally.count(event.outcome);
      const accepted = verdicts.flatMap((event) => (event.start ? [event] : []));
      const runs = accepted.flatMap(({ dealIds, eventId, changeSource }) =>
        dealIds.map((dealId) => ({
          ref: { crm: 'hubspot' as const, account: config.portalId, dealId },
          trigger: { by: 'hubspot' as const, detail: eventId },
          changeSource,
        })),
      );
      await tally.around(accepted.length, () =>
        startRuns({ ...deps, runs, budgetMs: deps.limits.hubspotBudgetMs }),
      );
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
