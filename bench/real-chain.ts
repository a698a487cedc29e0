import type { Sandbox } from '../sandbox/index.ts';
import { SALESFORCE } from '../src/clients/salesforce/module.ts';
import type { Config } from '../src/config/config.ts';
import { settingsOf } from '../src/config/crm-settings.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { provisioningId } from '../src/domain/deal/ids.ts';
import type { RunConsole } from '../src/runs/console.ts';
import { announceInBatches, type Chain, requireDelivery } from './chain.ts';
import { type BenchCrm, createDeal, type Seats } from './deals.ts';
import { PUBLIC_URL } from './service-context.ts';

interface RealChainParts {
  readonly sandbox: Sandbox;
  readonly config: Config;
  readonly webhooksUrl: string;
  readonly runs: RunConsole;
}

/** A CRM sends again what was not acknowledged; here at once, and not for ever. */
const MAX_SENDS = 10;

/** The product: signed webhooks of the stand-ins, the webhook server, a worker with the real clients. */
export function createRealChain(parts: RealChainParts, seats: Seats): Chain {
  return {
    newDeal: (crm) => createDeal(parts.sandbox, crm, seats),
    announce: (deals) =>
      announceInBatches(deals, (crm, batch) =>
        sendUntilAcknowledged(
          parts,
          crm,
          batch.map(({ dealId }) => dealId),
        ),
      ),
    untilDelivered: (deal: DealRef) => requireDelivery(parts.runs, provisioningId(deal)),
  };
}

async function sendUntilAcknowledged(parts: RealChainParts, crm: BenchCrm, dealIds: string[]): Promise<void> {
  for (let sends = 1; !(await SEND[crm](parts, dealIds)); sends += 1) {
    if (sends === MAX_SENDS) throw new Error(`${MAX_SENDS} ${crm} webhooks were not acknowledged`);
  }
}

const SEND: Record<BenchCrm, (parts: RealChainParts, dealIds: string[]) => Promise<boolean>> = {
  async hubspot({ sandbox, webhooksUrl }, dealIds) {
    const { status } = await sandbox.hubspot.sendWebhook({
      targetUrl: `${PUBLIC_URL}/webhooks/hubspot`,
      postTo: `${webhooksUrl}/webhooks/hubspot`,
      events: sandbox.hubspot.events(dealIds),
    });
    return status === 200;
  },
  async salesforce({ sandbox, webhooksUrl, config }, opportunityIds) {
    const secret = settingsOf(config, SALESFORCE)?.webhookSecrets[0]?.reveal() ?? '';
    const targetUrl = `${webhooksUrl}/webhooks/salesforce/${secret}`;
    const { acked } = await sandbox.salesforce.sendOutboundMessage({ targetUrl, opportunityIds });
    return acked;
  },
};
