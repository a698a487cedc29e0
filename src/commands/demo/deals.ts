import { provisioningId } from '../../domain/ids.ts';
import type { DemoStack } from './stack.ts';

/** A won deal of the sandbox and the way its CRM reports it. */
export interface DemoDeal {
  readonly title: string;
  readonly crm: 'hubspot' | 'salesforce';
  readonly dealId: string;
  /** The catalog's products of this deal. */
  readonly seatCount: number;
  readonly buyerEmail: string;
  runId(stack: DemoStack): string;
  /** Sends the event as the CRM would. Throws unless it was acknowledged. */
  announce(stack: DemoStack): Promise<void>;
}

export const DEMO_DEALS: readonly DemoDeal[] = [
  {
    title: 'HubSpot "Acme leadership rollout"',
    crm: 'hubspot',
    dealId: '9001',
    seatCount: 25,
    buyerEmail: 'dana.reyes@acme.example',
    runId: ({ config }) =>
      provisioningId({ crm: 'hubspot', account: config.hubspot?.portalId ?? '', dealId: '9001' }),
    async announce({ sandbox, webhooks }) {
      const { status } = await sandbox.hubspot.sendWebhook({
        targetUrl: `${webhooks.url}/webhooks/hubspot`,
        events: sandbox.hubspot.events(['9001']),
      });
      if (status === null || status > 299) throw new Error(`The HubSpot webhook was answered with ${status}`);
    },
  },
  {
    title: 'Salesforce "Globex manager academy"',
    crm: 'salesforce',
    dealId: '0065Y00001Suvw6QAB',
    seatCount: 20,
    buyerEmail: 'robin.vale@globex.example',
    runId: ({ config }) =>
      provisioningId({
        crm: 'salesforce',
        account: config.salesforce?.orgId ?? '',
        dealId: '0065Y00001Suvw6QAB',
      }),
    async announce({ sandbox, webhooks, config }) {
      const secret = config.salesforce?.webhookSecrets[0]?.reveal() ?? '';
      const { acked, status } = await sandbox.salesforce.sendOutboundMessage({
        targetUrl: `${webhooks.url}/webhooks/salesforce/${secret}`,
        opportunityIds: ['0065Y00001Suvw6QAB'],
      });
      if (!acked) throw new Error(`The Salesforce outbound message was not acknowledged (status ${status})`);
    },
  },
];
