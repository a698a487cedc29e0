import type { RunRegister } from '../contracts/sweep.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import type { RunConsole } from './console.ts';

/** Answers the sweep from Temporal. */
export function createRunRegister(
  runs: Pick<RunConsole, 'glance' | 'dealChanged' | 'endedSince'>,
): RunRegister {
  return {
    lastRun: (deal) => runs.glance(provisioningId(deal)),
    endedSince: (scope, since) => runs.endedSince(scope, since),
    async start(deal, trigger, options) {
      await runs.dealChanged(deal, trigger, options);
    },
  };
}
