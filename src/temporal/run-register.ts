import { provisioningId } from '../domain/ids.ts';
import type { RunRegister } from '../domain/sweep.ts';
import type { RunConsole } from './provisioner.ts';

/** Answers the sweep from Temporal. */
export function createRunRegister(runs: Pick<RunConsole, 'glance' | 'dealChanged'>): RunRegister {
  return {
    lastRun: (deal) => runs.glance(provisioningId(deal)),
    async start(deal, trigger, options) {
      await runs.dealChanged(deal, trigger, options);
    },
  };
}
