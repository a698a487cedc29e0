import { randomUUID } from 'node:crypto';
import { provisioningId } from '../src/domain/deal/ids.ts';
import type { RunConsole } from '../src/runs/console.ts';
import { startRuns } from '../webhooks/server/start-runs.ts';
import { announceInBatches, type Chain, requireDelivery } from './chain.ts';
import type { Plans } from './empty-activities.ts';

const START_BUDGET_MS = 60_000;

/** The same workflow code on the same server, started in the same way, with activities that do nothing. */
export function createEmptyChain(runs: RunConsole, plans: Plans): Chain {
  return {
    newDeal: (crm) => ({ crm, account: plans[crm].plan.deal.account, dealId: randomUUID() }),
    announce: (deals) =>
      announceInBatches(deals, (crm, batch) =>
        startRuns({
          provisioner: runs,
          runs: batch.map((ref) => ({ ref, trigger: { by: crm, detail: 'bench' } })),
          chooseLane: () => () => 'normal',
          budgetMs: START_BUDGET_MS,
        }),
      ),
    untilDelivered: (deal) => requireDelivery(runs, provisioningId(deal)),
  };
}
