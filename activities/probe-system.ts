import type { OutageActivities } from '../src/contracts/outage.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { outageOf } from '../src/domain/outage.ts';
import { pingStore } from '../src/store/ping.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

export function createOutageActivities(
  deps: Pick<ActivityDeps, 'crms' | 'platforms' | 'seats'>,
): OutageActivities {
  return {
    async probeSystem({ system }) {
      if (system.area === 'store') return deps.seats && unlessAway(pingStore(deps.seats));
      const signal = cancellationSignal();
      const asked = system.area === 'crm' ? [crmOf(deps, system)] : Object.values(deps.platforms);
      for (const client of asked) await unlessAway(client.ping(signal));
    },
  };
}

/** Any other failure shows that it answers. */
async function unlessAway(ping: Promise<void>): Promise<void> {
  try {
    await ping;
  } catch (error) {
    if (!(error instanceof DealseatError) || outageOf(error.code) !== null) throw error;
  }
}
