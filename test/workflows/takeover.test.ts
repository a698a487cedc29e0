import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

/** The test has worker processes of its own. */
const rig = openRig({ runsWorker: false });

/** Every write that must not happen twice. Each is carried out, and its answer never comes. */
const WRITES: readonly Pick<Fault, 'system' | 'path'>[] = [
  { system: 'ti', path: /\/redemptionCodes$/ },
  { system: 'hubspot', path: /\/files\/v3\/files$/ },
  { system: 'hubspot', path: /\/single-email\/send$/ },
  { system: 'salesforce', path: /\/sobjects\/ContentVersion$/i },
  { system: 'salesforce', path: /\/emailSimple$/ },
];

/** Nobody hears of a killed worker before the bound of its attempt is over, so that is short here. */
const POLICY = { attemptMs: 6_000, rosterAttemptMs: 10_000, lookUpMs: 1_000, writeTotalMs: 150_000 };

describe('A worker that is killed', () => {
  test('in the middle of every kind of write is taken over: one group, one file, one mail a deal', () =>
    rig.withSandbox({ policy: POLICY, callTimeoutMs: 120_000 }, async (tenant) => {
      const { faults, outbox, ti } = tenant.sandbox;
      // A deal that waits for one answer cannot meet the next fault, so with three deals a CRM all of them strike.
      for (const write of WRITES) faults.add({ ...write, method: 'POST', kind: 'stall' });
      await using first = tenant.startWorker();
      const hubspot = [await tenant.startHubSpot(), await tenant.startHubSpot(), await tenant.startHubSpot()];
      const salesforce = [
        await tenant.startSalesforce(),
        await tenant.startSalesforce(),
        await tenant.startSalesforce(),
      ];
      await tenant.waitForEvidence(() => faults.hits.length === WRITES.length);
      await first.kill();
      await using _second = tenant.startWorker();
      for (const { id } of [...hubspot, ...salesforce]) {
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      }

      const seen = [
        ...hubspot.map((deal) => hubspotEvidence(tenant.sandbox, deal)),
        ...salesforce.map((deal) => salesforceEvidence(tenant.sandbox, deal)),
      ];
      expect(ti.state.groups).toHaveLength(6);
      expect(seen.map(({ rosters }) => rosters.map((codes) => codes.length))).toEqual(seen.map(() => [3]));
      expect(seen.flatMap(({ rosters }) => rosters.flat()).sort()).toEqual(codesMade(tenant.sandbox));
      expect(outbox.mails).toHaveLength(6);
      expect(seen.map(({ fields }) => fields.status)).toEqual(seen.map(() => 'Delivered'));
    }));
});
