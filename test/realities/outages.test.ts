import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import { hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

/** In place of a day, and enough for an attempt on a busy machine. */
const SHORT: Partial<Policy> = { writeTotalMs: 6_000, pollDeadlineMs: 6_000 };
const AWAY = { kind: 'status', status: 503, times: Number.POSITIVE_INFINITY } as const;

describe('A system that is away for days', () => {
  test.concurrent('the learning platform goes down once the codes are made -> the deal waits with nothing undone, says so, and is delivered by itself when the platform is back', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      const isMade = () => ti.state.groups.length > 0;
      faults.add({ system: 'ti', ...AWAY, when: isMade });
      const deal = await tenant.startHubSpot();
      const { problems, undone } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'lms.unavailable' }]);
      expect(undone).toEqual([]);
      await tenant.waitForEvidence(
        () => hubspotEvidence(tenant.sandbox, deal).fields.status === 'NeedsAttention',
      );
      faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(ti.state.groups).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
    }));

  test.concurrent('Salesforce takes the mail, goes down before it says so, and stays down -> the deal waits, and the mail is found and not sent again', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults } = tenant.sandbox;
      const mail: Omit<Fault, 'kind'> = {
        system: 'salesforce',
        method: 'POST',
        path: /\/actions\/standard\/emailSimple$/,
      };
      faults.add({ ...mail, kind: 'dropAfterCommit' });
      faults.add({ system: 'salesforce', ...AWAY, when: () => faults.hits.length > 0 });
      const deal = await tenant.startSalesforce();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(salesforceEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
    }));
});
