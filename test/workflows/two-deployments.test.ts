import { describe, expect, test } from '@jest/globals';
import { formatHold, parseHold } from '../../src/domain/deal/hold.ts';
import { codesMade, hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, type SandboxTenant, type StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const OTHER = 'default/another-server';
const NEVER_LISTED = Number.POSITIVE_INFINITY;

function holdOfOther(isDone: boolean): string {
  return formatHold({ deployment: OTHER, run: 'run-of-other', at: new Date().toISOString(), isDone });
}

function setHold({ sandbox }: SandboxTenant, dealId: string, text: string): void {
  sandbox.hubspot.state.edit('deals', dealId, { dealseat_claim: text });
}

/** A won deal that another deployment works on, and our run of it, once that has found out. */
async function startOnHeldDeal(tenant: SandboxTenant): Promise<StartedDeal> {
  const dealId = tenant.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
  setHold(tenant, dealId, holdOfOther(false));
  const deal = { dealId, id: await tenant.provision(tenant.ref('hubspot', dealId)) };
  await untilWaiting(tenant, deal);
  return deal;
}

function untilWaiting(tenant: SandboxTenant, { id }: StartedDeal) {
  return tenant.waitForProgress(
    id,
    ({ status, problems }) => status === 'NeedsAttention' && problems[0]?.code === 'run.held_elsewhere',
  );
}

function fieldsOf(tenant: SandboxTenant, deal: StartedDeal): Readonly<Record<string, string>> {
  const { claim: _, run: __, ...fields } = hubspotEvidence(tenant.sandbox, deal).fields;
  return fields;
}

describe('A deal that another deployment works on', () => {
  test.concurrent('is left to it: the run names it and waits, and a cancel leaves the deal alone', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await startOnHeldDeal(tenant);
      const progress = await tenant.console.progress(deal.id);
      expect(progress.warnings).toEqual([expect.stringContaining(OTHER)]);
      expect(tenant.sandbox.ti.state.groups).toEqual([]);

      const before = [fieldsOf(tenant, deal), writeCount(tenant.sandbox)];
      await tenant.console.cancel(deal.id, { by: 'ops', reason: 'wrong server' });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', code: 'run.cancelled' });
      expect([fieldsOf(tenant, deal), writeCount(tenant.sandbox)]).toEqual(before);
      expect(hubspotEvidence(tenant.sandbox, deal).tasks).toEqual([]);
    }));

  test.concurrent('is provisioned here once the other one is done without a delivery', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await startOnHeldDeal(tenant);
      setHold(tenant, deal.dealId, holdOfOther(true));
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      expect(await tenant.resultOf(deal.id)).toMatchObject({
        status: 'Delivered',
        warnings: [expect.stringContaining(OTHER)],
      });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(parseHold(seen.fields.claim ?? null)).toMatchObject({ isDone: true });
      expect(seen.fields.claim).not.toContain(OTHER);
    }));

  test.concurrent('is looked at again by itself, and taken over when the other one is gone', () =>
    rig.withSandbox({ policy: { rosterAttemptMs: 5_000, holdLeaseMs: 10_000 } }, async (tenant) => {
      const deal = await startOnHeldDeal(tenant);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));
});

describe('A deal that another deployment took over from us', () => {
  test.concurrent('while codes were waited for is not undone here, and is delivered once', () =>
    rig.withSandbox({ ti: { listingDelayMs: NEVER_LISTED }, policy: { holdTrustMs: 0 } }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      setHold(tenant, deal.dealId, holdOfOther(false));
      tenant.sandbox.ti.state.options.listingDelayMs = 0;
      await untilWaiting(tenant, deal);
      expect(hubspotEvidence(tenant.sandbox, deal)).toMatchObject({ rosters: [], tasks: [] });

      setHold(tenant, deal.dealId, holdOfOther(true));
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.mailedTo).toHaveLength(1);
      expect(seen.tasks).toEqual(['Dealseat: 3 seats delivered']);
    }));
});
