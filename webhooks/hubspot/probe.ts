import type { CrmModule } from '../../src/clients/crm-module.ts';
import type { HubSpotSettings } from '../../src/clients/hubspot/module.ts';
import type { WebhookProbe } from '../server/probe.ts';
import { signHubSpot } from './signature.ts';

const PATH = '/webhooks/hubspot';

/** An event of a type that HubSpot does not have, signed as HubSpot signs with the newest secret. */
export function hubspotProbe({
  crm,
  settings,
  publicUrl,
  nowMs,
}: {
  readonly crm: CrmModule<HubSpotSettings>;
  readonly settings: HubSpotSettings;
  readonly publicUrl: string;
  readonly nowMs: number;
}): WebhookProbe | null {
  const [secret] = settings.clientSecrets;
  if (secret === undefined) return null;
  const url = publicUrl + PATH;
  const event = {
    eventId: 1,
    subscriptionId: 0,
    portalId: Number(crm.accountOf(settings)),
    occurredAt: nowMs,
    subscriptionType: 'dealseat.probe',
    attemptNumber: 0,
    objectId: 1,
  };
  const body = JSON.stringify([event]);
  const timestamp = String(nowMs);
  const signature = signHubSpot({ method: 'POST', url, body: Buffer.from(body) }, timestamp, secret);
  return {
    shownPath: PATH,
    url,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
    body,
    isTaken: ({ status, text }) => status === 200 && /"accepted"\s*:\s*0/.test(text),
    whenRefused:
      'The server has another HUBSPOT_CLIENT_SECRET or WEBHOOK_PUBLIC_URL than this command, a proxy changes the path, or its clock is off.',
  };
}
