import type { FastifyInstance } from 'fastify';
import type { SalesforceConfig } from '../../src/config/config.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import type { EventOutcome } from '../../src/observability/metrics.ts';
import { canonicalDealId } from '../../src/processes/deal-ref.ts';
import type { SourceDeps } from '../server/limits.ts';
import { WebhookProblem } from '../server/problems.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import type { RunToStart } from '../server/run-to-start.ts';
import { startRuns } from '../server/start-runs.ts';
import { type Notification, readOutboundMessage } from './outbound-message.ts';

/** A hundred notifications with the fields an admin may have chosen. */
const BODY_LIMIT = 2 * 1024 * 1024;

/** The schema's form of the answer. It stands for the whole message, so it is sent only when every run was accepted. */
const ACK =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>' +
  '</soapenv:Body></soapenv:Envelope>';

/**
 * `POST /webhooks/salesforce/:secret`. Outbound messages carry no signature: the path is the secret, the org id is
 * compared, and the run reads the opportunity with our own credentials. Anything but the Ack makes Salesforce send
 * the message again for a day.
 */
export function registerSalesforce(app: FastifyInstance, config: SalesforceConfig, deps: SourceDeps): void {
  app.post<{ Params: { secret: string } }>('/webhooks/salesforce/:secret', {
    bodyLimit: BODY_LIMIT,
    config: { source: 'salesforce' },
    onRequest: [
      async (request) => {
        const matching = config.webhookSecrets.filter((secret) => secret.matches(request.params.secret));
        if (matching.length === 0) {
          await deps.refuseForged(request, new WebhookProblem('webhook.unauthorized'));
        }
      },
      requireContentType('text/xml', 'application/xml'),
    ],
    handler: async (request, reply) => {
      const { organizationId, notifications } = readOutboundMessage(rawBodyOf(request));
      // A sandbox refreshed from production keeps sending to production's endpoints, under its own org id.
      if (!isSameOrg(organizationId, config.orgId)) {
        throw new WebhookProblem('webhook.wrong_account', {
          detail: 'The OrganizationId is not SALESFORCE_ORG_ID.',
        });
      }
      const verdicts = notifications.map((notification) => judge(notification, config.orgId));
      const tally = deps.tallyOf('salesforce', request);
      for (const verdict of verdicts) if ('ignored' in verdict) tally.count(verdict.ignored);
      const runs = verdicts.flatMap((verdict) => ('run' in verdict ? [verdict.run] : []));
      await tally.around(runs.length, () =>
        startRuns({ ...deps, runs, budgetMs: deps.limits.salesforceBudgetMs }),
      );
      return reply.type('text/xml; charset=utf-8').send(ACK);
    },
  });
}

type Verdict = { readonly run: RunToStart } | { readonly ignored: EventOutcome };

/**
 * The record was pushed as it was when the message was sent, by whoever knows the path, so the run reads it anew. Who
 * changed it last only tells which deals to count together, and is kept nowhere else.
 */
function judge(notification: Notification, orgId: string): Verdict {
  if (notification.objectType === null) return { ignored: 'malformed' };
  if (notification.objectType !== 'Opportunity') return { ignored: 'other_object' };
  const dealId = canonicalDealId('salesforce', notification.recordId ?? '');
  if (dealId === null) return { ignored: 'malformed' };
  const changedBy = toSalesforceId18(notification.lastModifiedById ?? '');
  return {
    run: {
      ref: { crm: 'salesforce', account: orgId, dealId },
      trigger: { by: 'salesforce', detail: nameOf(notification) },
      ...(changedBy !== null && { changeSource: changedBy }),
    },
  };
}

/** People read it in the run's description, so nothing but an id of Salesforce's form gets there. */
function nameOf({ id }: Notification): string {
  return id === null ? 'unknown' : (toSalesforceId18(id) ?? 'unknown');
}

/** The first fifteen characters are the id; they are compared with their case. */
function isSameOrg(sent: string, configured: string): boolean {
  return /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(sent) && sent.slice(0, 15) === configured.slice(0, 15);
}
