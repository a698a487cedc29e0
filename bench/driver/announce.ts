import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { type BenchCrm, CRMS } from '../deals.ts';
import type { Receiver } from './receiver.ts';
import type { WonDeal } from './won-deals.ts';

export interface Announcement {
  /** Deals of one request; the CRMs put up to a hundred into one, and promise no number. */
  readonly batch: number;
  /** How often every event comes, at once and without any failure. */
  readonly copies: number;
  /** Ends the sending again. */
  readonly signal: AbortSignal;
}

/** What a CRM stretches over hours: the pause before it sends again what was not acknowledged. */
const RESEND_MS = 1_000;

/** All batches of all CRMs at once; each is sent again until it is acknowledged. */
export async function announce(
  sandbox: Sandbox,
  receiver: Receiver,
  deals: readonly WonDeal[],
  { batch, copies, signal }: Announcement,
): Promise<void> {
  const batches = CRMS.flatMap((crm) => {
    const own = deals.filter((deal) => deal.crm === crm).map(({ dealId }) => dealId);
    return Array.from({ length: Math.ceil(own.length / batch) }, (_, index) => ({
      crm,
      dealIds: own.slice(index * batch, (index + 1) * batch),
    }));
  });
  await Promise.all(
    batches.flatMap(({ crm, dealIds }) =>
      Array.from({ length: copies }, async () => {
        while (!(await send(sandbox, receiver, crm, dealIds)) && !signal.aborted) await wait(RESEND_MS);
      }),
    ),
  );
}

async function send(
  sandbox: Sandbox,
  { name, webhooks }: Receiver,
  crm: BenchCrm,
  dealIds: readonly string[],
): Promise<boolean> {
  const targetUrl = webhooks[crm];
  if (targetUrl === undefined) throw new Error(`${name} has no address for events of ${crm}`);
  return SEND[crm](sandbox, targetUrl, dealIds);
}

type Send = (sandbox: Sandbox, targetUrl: string, dealIds: readonly string[]) => Promise<boolean>;

const SEND: Record<BenchCrm, Send> = {
  async hubspot({ hubspot }, targetUrl, dealIds) {
    const { status } = await hubspot.sendWebhook({ targetUrl, events: hubspot.events(dealIds) });
    return status !== null && status >= 200 && status < 300;
  },
  async salesforce({ salesforce }, targetUrl, opportunityIds) {
    return (await salesforce.sendOutboundMessage({ targetUrl, opportunityIds })).acked;
  },
};
