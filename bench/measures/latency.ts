import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { type Chain, timeDelivery } from '../chain.ts';
import { type BenchCrm, CRMS } from '../deals.ts';
import { ratiosOf, type Spread, spreadOf } from '../statistics.ts';

/** One deal at a time, from its webhook until it is delivered. */
export interface Latency {
  readonly crm: BenchCrm;
  readonly realMs: Spread;
  readonly emptyMs: Spread;
  /** Real over empty. */
  readonly ratio: Spread;
}

/** The first runs load code and open connections. */
const WARM_UP_ROUNDS = 3;

/**
 * Before each deal, as between the deals of a working day. Connections that were busy until just now answer about 350 ms
 * later over a whole run, whatever runs on them: without the pause a deal would be measured by what came before it.
 */
const IDLE_MS = 1_000;

/** All variants take turns, so that a slow moment of the machine hits all of them. */
export async function measureLatency({ stack, effort }: Bench): Promise<Latency[]> {
  const { real, empty } = await stack();
  const times = new Map(CRMS.map((crm) => [crm, { real: [] as number[], empty: [] as number[] }]));
  for (let round = effort.warmUps === 0 ? 0 : -WARM_UP_ROUNDS; round < effort.latencyRounds; round += 1) {
    for (const [crm, taken] of times) {
      const realMs = await timeAlone(real, crm);
      const emptyMs = await timeAlone(empty, crm);
      if (round < 0) continue;
      taken.real.push(realMs);
      taken.empty.push(emptyMs);
    }
  }
  return [...times].map(([crm, taken]) => ({
    crm,
    realMs: spreadOf(taken.real),
    emptyMs: spreadOf(taken.empty),
    ratio: ratiosOf(taken.real, taken.empty),
  }));
}

async function timeAlone(chain: Chain, crm: BenchCrm): Promise<number> {
  await pause(IDLE_MS);
  return timeDelivery(chain, [chain.newDeal(crm)]);
}
