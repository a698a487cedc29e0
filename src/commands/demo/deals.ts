import { setTimeout as delay } from 'node:timers/promises';
import { provisioningId } from '../../domain/deal/ids.ts';
import { type DemoStack, PUBLIC_URL } from './stack.ts';

/** A won deal of the sandbox and the way its CRM reports it. */
export interface DemoDeal {
  readonly title: string;
  readonly crm: 'hubspot' | 'salesforce';
  readonly dealId: string;
  /** The catalog's products of this deal. */
  readonly seatCount: number;
  readonly buyerEmail: string;
  runId(stack: DemoStack): string;
  /** Sends the event as the CRM would, until it is acknowledged. */
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
    announce: ({ sandbox, webhooks }) =>
      untilAcknowledged('HubSpot webhook', async () => {
        const { status } = await sandbox.hubspot.sendWebhook({
          targetUrl: `${PUBLIC_URL}/webhooks/hubspot`,
          postTo: `${webhooks.url}/webhooks/hubspot`,
          events: sandbox.hubspot.events(['9001']),
        });
        return { status, acked: status !== null && status < 300 };
      }),
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
    announce({ sandbox, webhooks, config }) {
      const secret = config.salesforce?.webhookSecrets[0]?.reveal() ?? '';
      return untilAcknowledged('Salesforce outbound message', () =>
        sandbox.salesforce.sendOutboundMessage({
          targetUrl: `${webhooks.url}/webhooks/salesforce/${secret}`,
          opportunityIds: ['0065Y00001Suvw6QAB'],
        }),
      );
    },
  },
];

/** A CRM tries for a day, with growing pauses; nobody watches a demo for so long. */
const MAX_SENDS = 10;
const RESEND_MS = 500;

async function untilAcknowledged(
  what: string,
  send: () => Promise<{ readonly acked: boolean; readonly status: number | null }>,
): Promise<void> {
  for (let sends = 1; ; sends += 1) {
    const { acked, status } = await send();
    if (acked) return;
    if (sends === MAX_SENDS) throw new Error(`The ${what} was answered with ${status}, ${sends} times over`);
    await delay(RESEND_MS);
  }
}
