import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

/** The tests have worker processes of their own. */
const rig = openRig({ runsWorker: false });

/** Temporal would miss nobody before the test has failed. */
const POLICY = { silenceMs: 3_600_000, attemptMs: 3_600_000, rosterAttemptMs: 3_600_000, lookUpMs: 1_000 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-restart-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('A worker that is killed in the middle of a create', () => {
  test('is followed by the one that starts after it, which looks for the group and makes no second one', () =>
    rig.withSandbox({ policy: POLICY, callTimeoutMs: 600_000 }, async (tenant) => {
      const { faults, ti, exchanges } = tenant.sandbox;
      faults.add({ system: 'ti', path: /\/redemptionCodes$/, method: 'POST', kind: 'stall' });
      await using first = tenant.startWorker({ folder });
      const deal = await tenant.startHubSpot();
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      await first.kill();
      await using _second = tenant.startWorker({ folder });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      const creates = exchanges.filter(({ system, method }) => system === 'ti' && method === 'POST');
      expect(creates).toHaveLength(1);
      expect(ti.state.groups).toHaveLength(1);
      const { rosters, mailedTo } = hubspotEvidence(tenant.sandbox, deal);
      expect(rosters.flat().sort()).toEqual(codesMade(tenant.sandbox));
      expect(mailedTo).toHaveLength(1);
    }));
});
