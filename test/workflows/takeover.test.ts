import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { codesMade, type Evidence, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

/** Every test has worker processes of its own. */
const rig = openRig({ runsWorker: false });

interface Death {
  readonly during: string;
  readonly crm: 'hubspot' | 'salesforce';
  /** The write whose answer the first worker waits for when it is killed. */
  readonly write: Pick<Fault, 'system' | 'path'>;
}

const DEATHS: readonly Death[] = [
  { during: 'the create', crm: 'hubspot', write: { system: 'ti', path: /\/redemptionCodes$/ } },
  { during: 'the upload', crm: 'hubspot', write: { system: 'hubspot', path: /\/files\/v3\/files$/ } },
  { during: 'the mail', crm: 'hubspot', write: { system: 'hubspot', path: /\/single-email\/send$/ } },
  {
    during: 'the upload',
    crm: 'salesforce',
    write: { system: 'salesforce', path: /\/sobjects\/ContentVersion$/i },
  },
  { during: 'the mail', crm: 'salesforce', write: { system: 'salesforce', path: /\/emailSimple$/ } },
];

/** Nobody hears of a killed worker before the bound of its attempt is over, so that is short here. */
const POLICY = { attemptMs: 4_000, rosterAttemptMs: 6_000, settleMs: 1_000, writeTotalMs: 60_000 };

describe('A worker that is killed during', () => {
  for (const { during, crm, write } of DEATHS) {
    test.concurrent(`${during} (${crm}) is taken over: one group, one file, one mail`, () =>
      rig.withSandbox({ policy: POLICY, callTimeoutMs: 20_000 }, async (tenant) => {
        const { faults, ti } = tenant.sandbox;
        faults.add({ ...write, method: 'POST', kind: 'stall' });
        await using first = tenant.startWorker();
        const deal = crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
        await tenant.waitForEvidence(() => faults.hits.length === 1);
        await first.kill();
        await using _second = tenant.startWorker();
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });

        const seen: Evidence =
          crm === 'hubspot'
            ? hubspotEvidence(tenant.sandbox, deal)
            : salesforceEvidence(tenant.sandbox, deal);
        expect(ti.state.groups).toHaveLength(1);
        expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
        expect(seen.mailedTo).toHaveLength(1);
        expect(faults.hits).toHaveLength(1);
      }));
  }
});
