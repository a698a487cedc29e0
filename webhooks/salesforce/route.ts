import type { FastifyInstance } from 'fastify';
import type { CrmModule } from '../../src/clients/crm-module.ts';
import type { SalesforceSettings } from '../../src/clients/salesforce/module.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import type { EventOutcome } from '../../src/observability/metrics.ts';
import type { SourceDeps } from '../server/limits.ts';
import { problemAnswers } from '../server/openapi-parts.ts';
import { WebhookProblem } from '../server/problems.ts';
import { rawBodyOf, requireContentType } from '../server/raw-body.ts';
import type { RunToStart } from '../server/run-to-start.ts';
import type { WebhookSource } from '../server/source.ts';
import { startRuns } from '../server/start-runs.ts';
import { type Notification, readOutboundMessage } from './outbound-message.ts';

/** A hundred notifications with the fields an admin may have chosen. */
const BODY_LIMIT = 2 * 1024 * 1024;
/** Salesforce does not publish its bound; below 10 s is known to work. */
const BUDGET_MS = 8_000;

/** The schema's form of the answer. It stands for the whole message, so it is sent only when every run was accepted. */
const ACK =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>' +
  '</soapenv:Body></soapenv:Envelope>';

interface SalesforceSourceOptions {
  readonly crm: CrmModule<SalesforceSettings>;
  readonly settings: SalesforceSettings;
}

export function salesforceSource(options: SalesforceSourceOptions): WebhookSource {
  return {
    openApi: OPEN_API,
    register: (scope, deps) => registerSalesforce(scope, options, deps),
  };
}

const OPEN_API = {
  '/webhooks/salesforce/{secret}': {
    post: {
      operationId: 'salesforceOutboundMessage',
      summary: 'Outbound message of a Salesforce org about opportunities.',
      parameters: [{ name: 'secret', in: 'path', required: true, schema: { type: 'string' } }],
      requestBody: { required: true, content: { 'text/xml': { schema: { type: 'string' } } } },
      responses: {
        200: { description: 'The Ack: every run that was called for is accepted.' },
        ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
      },
    },
  },
};

/**
 * `POST /webhooks/salesforce/:secret`. Outbound messages carry no signature: the path is the secret, the org id is
 * compared, and the run reads the opportunity with our own credentials. Anything but the Ack makes Salesforce send
 * the message again for a day.
 */
function registerSalesforce(
  app: FastifyInstance,
  { crm, settings }: SalesforceSourceOptions,
  deps: SourceDeps,
): void {
  const account = crm.accountOf(settings);
  const budgetMs = deps.limits.budgetMs[crm.name] ?? BUDGET_MS;
  app.post<{ Params: { secret: string } }>('/webhooks/salesforce/:secret', {
    bodyLimit: BODY_LIMIT,
    config: { source: crm.name },
    onRequest: [
      async (request) => {
        const matching = settings.webhookSecrets.filter((secret) => secret.matches(request.params.secret));
        if (matching.length === 0) {
          await deps.refuseForged(request, new WebhookProblem('webhook.unauthorized'));
        }
      },
      requireContentType('text/xml', 'application/xml'),
    ],
    handler: async (request, reply) => {
      const { organizationId, notifications } = readOutboundMessage(rawBodyOf(request));
      // A sandbox refreshed from production keeps sending to production's endpoints, under its own org id.
      if (!isSameOrg(organizationId, account)) {
        throw new WebhookProblem('webhook.wrong_account', {
          detail: 'The OrganizationId is not SALESFORCE_ORG_ID.',
        });
      }
      const verdicts = notifications.map((notification) => judge(notification, { crm, account }));
      const tally = deps.tallyOf(crm.name, request);
      for (const verdict of verdicts) if ('ignored' in verdict) tally.count(verdict.ignored);
      const runs = verdicts.flatMap((verdict) => ('run' in verdict ? [verdict.run] : []));
      await tally.around(runs.length, () => startRuns({ ...deps, runs, budgetMs }));
      return reply.type('text/xml; charset=utf-8').send(ACK);
    },
  });
}

type Verdict = { readonly run: RunToStart } | { readonly ignored: EventOutcome };

/**
 * The record was pushed as it was when the message was sent, by whoever knows the path, so the run reads it anew. Who
 * changed it last only tells which deals to count together, and is kept nowhere else.
 */
function judge(
  notification: Notification,
  { crm, account }: { readonly crm: CrmModule<SalesforceSettings>; readonly account: string },
): Verdict {
  if (notification.objectType === null) return { ignored: 'malformed' };
  if (notification.objectType !== 'Opportunity') return { ignored: 'other_object' };
  const dealId = crm.dealId.canonical(notification.recordId ?? '');
  if (dealId === null) return { ignored: 'malformed' };
  const changedBy = toSalesforceId18(notification.lastModifiedById ?? '');
  return {
    run: {
      ref: { crm: crm.name, account, dealId },
      trigger: { by: crm.name, detail: nameOf(notification) },
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
