import { type Chain, timeDelivery } from '../chain.ts';
import { CRMS } from '../deals.ts';
import type { Stack } from '../stack.ts';
import { ratiosOf, type Spread, spreadOf } from '../statistics.ts';

/** Many deals at once, half of them in each CRM. */
export interface Throughput {
  readonly dealsInFlight: number;
  readonly realPerSecond: Spread;
  readonly emptyPerSecond: Spread;
  /** Real over empty. */
  readonly ratio: Spread;
}

export async function measureThroughput(
  { real, empty }: Stack,
  { rounds, dealsInFlight }: { readonly rounds: number; readonly dealsInFlight: number },
): Promise<Throughput> {
  const taken = { real: [] as number[], empty: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    // The first round, a smaller one, only warms up.
    const count = round < 0 ? Math.ceil(dealsInFlight / 5) : dealsInFlight;
    const realPerSecond = await dealsPerSecond(real, count);
    const emptyPerSecond = await dealsPerSecond(empty, count);
    if (round < 0) continue;
    taken.real.push(realPerSecond);
    taken.empty.push(emptyPerSecond);
  }
  return {
    dealsInFlight,
    realPerSecond: spreadOf(taken.real),
    emptyPerSecond: spreadOf(taken.empty),
    ratio: ratiosOf(taken.real, taken.empty),
  };
}

async function dealsPerSecond(chain: Chain, count: number): Promise<number> {
  const perCrm = Math.ceil(count / CRMS.length);
  const deals = CRMS.flatMap((crm) => Array.from({ length: perCrm }, () => chain.newDeal(crm)));
  return (deals.length * 1_000) / (await timeDelivery(chain, deals));
}
