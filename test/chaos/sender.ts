import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import { randomFrom, shuffled } from '../support/random.ts';
import type { WonDeal } from './deals.ts';
import { type Installation, PUBLIC_URL } from './installation.ts';

interface SenderOptions {
  readonly sandbox: Sandbox;
  readonly installation: Pick<Installation, 'webhooksUrl'>;
  readonly seed: number;
  /** Longest pause between two deliveries. */
  readonly pauseMs: number;
}

const MAX_BATCH = 5;
const RESEND_MS = 300;
const WEBHOOK_SECRET = 'sandbox-sf-webhook-secret-0123456789';

/** One event for each deal, a tenth of them twice, in no order. */
export function eventsOf(deals: readonly WonDeal[], seed: number): WonDeal[] {
  const twice = shuffled(deals, seed).slice(0, Math.ceil(deals.length / 10));
  return shuffled([...deals, ...twice], seed + 1);
}

/** Announces deals as the CRMs do: in batches, again and again until they are acknowledged. */
export class Sender {
  /** Batches that were not acknowledged at once. */
  resendCount = 0;
  sentCount = 0;
  readonly #options: SenderOptions;
  readonly #random: () => number;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  /** Resolves when every event was acknowledged. */
  async send(events: readonly WonDeal[]): Promise<void> {
    await Promise.all(
      (['hubspot', 'salesforce'] as const).map(async (crm) => {
        const queue = events.filter((deal) => deal.crm === crm);
        while (queue.length > 0) {
          const batch = queue.splice(0, 1 + Math.floor(this.#random() * MAX_BATCH));
          await this.#untilAcknowledged(batch);
          await wait(this.#random() * this.#options.pauseMs);
        }
      }),
    );
  }

  async #untilAcknowledged(batch: readonly WonDeal[]): Promise<void> {
    while (!(await this.#deliver(batch))) {
      this.resendCount += 1;
      await wait(RESEND_MS);
    }
    this.sentCount += batch.length;
  }

  async #deliver(batch: readonly WonDeal[]): Promise<boolean> {
    const { sandbox, installation } = this.#options;
    const { webhooksUrl } = installation;
    const ids = batch.map(({ dealId }) => dealId);
    if (batch[0]?.crm === 'salesforce') {
      const targetUrl = `${webhooksUrl}/webhooks/salesforce/${WEBHOOK_SECRET}`;
      const { acked } = await sandbox.salesforce.sendOutboundMessage({ targetUrl, opportunityIds: ids });
      return acked;
    }
    const { status } = await sandbox.hubspot.sendWebhook({
      targetUrl: `${PUBLIC_URL}/webhooks/hubspot`,
      postTo: `${webhooksUrl}/webhooks/hubspot`,
      events: sandbox.hubspot.events(ids),
    });
    return status !== null && status >= 200 && status < 300;
  }
}
