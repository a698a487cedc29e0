import type { Client } from '@temporalio/client';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import type { Bench } from '../bench.ts';
import { type Chain, timeDelivery } from '../chain.ts';
import { CRMS } from '../deals.ts';
import { ratiosOf, type Spread, spreadOf } from '../statistics.ts';

/** Many deals at once, half of them in each CRM. */
export interface Throughput {
  readonly dealsInFlight: number;
  readonly realPerSecond: Spread;
  readonly emptyPerSecond: Spread;
  /** Real over empty. */
  readonly ratio: Spread;
  /** Activity attempts after the first, over all bursts of both chains: more than a few mean a starved machine. */
  readonly repeatedAttempts: number;
}

interface Burst {
  readonly perSecond: number;
  readonly repeatedAttempts: number;
}

export async function measureThroughput({ stack, effort, report }: Bench): Promise<Throughput> {
  const { real, empty, client } = await stack();
  const { throughputRounds: rounds, dealsInFlight } = effort;
  const bursts: { readonly real: Burst; readonly empty: Burst }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    // The first round, a smaller one, only warms up.
    const count = round < 0 ? Math.ceil(dealsInFlight / 5) : dealsInFlight;
    const pair = {
      real: await measureBurst(client, real, count),
      empty: await measureBurst(client, empty, count),
    };
    report(
      `  ${count} deals: ${pair.real.perSecond.toFixed(1)}/s real, ${pair.empty.perSecond.toFixed(1)}/s empty`,
    );
    if (round >= 0) bursts.push(pair);
  }
  const realPerSecond = bursts.map((pair) => pair.real.perSecond);
  const emptyPerSecond = bursts.map((pair) => pair.empty.perSecond);
  return {
    dealsInFlight,
    realPerSecond: spreadOf(realPerSecond),
    emptyPerSecond: spreadOf(emptyPerSecond),
    ratio: ratiosOf(realPerSecond, emptyPerSecond),
    repeatedAttempts: bursts
      .flatMap((pair) => [pair.real, pair.empty])
      .reduce((sum, burst) => sum + burst.repeatedAttempts, 0),
  };
}

async function measureBurst(client: Client, chain: Chain, count: number): Promise<Burst> {
  const perCrm = Math.ceil(count / CRMS.length);
  const deals = CRMS.flatMap((crm) => Array.from({ length: perCrm }, () => chain.newDeal(crm)));
  const tookMs = await timeDelivery(chain, deals);
  let repeatedAttempts = 0;
  for (const deal of deals) repeatedAttempts += await countRepeats(client, deal);
  return { perSecond: (deals.length * 1_000) / tookMs, repeatedAttempts };
}

async function countRepeats(client: Client, deal: DealRef): Promise<number> {
  const { events } = await client.workflow.getHandle(provisioningId(deal)).fetchHistory();
  return (events ?? []).reduce((sum, { activityTaskStartedEventAttributes: started }) => {
    return sum + Math.max(0, (started?.attempt ?? 1) - 1);
  }, 0);
}
