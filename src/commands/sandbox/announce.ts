import { setTimeout as delay } from 'node:timers/promises';
import { sandboxEnvironment } from '../../../sandbox/environment.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import type { CrmName } from '../../domain/deal/deal.ts';
import type { Terminal } from '../terminal/terminal.ts';

const EXAMPLE_DEALS: Readonly<Record<CrmName, string>> = {
  hubspot: '9001',
  salesforce: '0065Y00001Suvw6QAB',
};
const PROBE_INTERVAL_MS = 500;

/** Waits for the webhook server, because it may be started after us, then reports the CRM's example deal as won. */
export async function announceWhenReachable(
  sandbox: Sandbox,
  options: { readonly crm: CrmName; readonly webhooks: string; readonly terminal: Terminal },
): Promise<void> {
  const { crm, terminal } = options;
  const webhooks = options.webhooks.replace(/\/+$/, '');
  terminal.note(`Waiting for the webhook server at ${webhooks} …`);
  while (!terminal.interrupted.aborted) {
    if (await answers(`${webhooks}/readyz`)) {
      const answer = await announce(sandbox, crm, webhooks);
      terminal.note(`Reported ${crm} deal ${EXAMPLE_DEALS[crm]} as won: ${answer}`);
      return;
    }
    await delay(PROBE_INTERVAL_MS, undefined, { signal: terminal.interrupted }).catch(() => undefined);
  }
}

async function announce(sandbox: Sandbox, crm: CrmName, webhooks: string): Promise<string> {
  if (crm === 'hubspot') {
    const events = sandbox.hubspot.events([EXAMPLE_DEALS.hubspot]);
    const { status } = await sandbox.hubspot.sendWebhook({
      targetUrl: `${webhooks}/webhooks/hubspot`,
      events,
    });
    return `answered with ${status ?? 'nothing'}`;
  }
  const secret = sandboxEnvironment(sandbox).SALESFORCE_WEBHOOK_SECRET;
  const { acked, status } = await sandbox.salesforce.sendOutboundMessage({
    targetUrl: `${webhooks}/webhooks/salesforce/${secret}`,
    opportunityIds: [EXAMPLE_DEALS.salesforce],
  });
  return acked ? 'acknowledged' : `not acknowledged (status ${status})`;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
