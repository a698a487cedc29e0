import { describe, expect, test } from '@jest/globals';
import { again, delivered, setQuantity, setStage } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';

const rig = openRig();

const BY_SALES = { by: 'sales ops', reason: 'signed by mistake' };
const TOLD = { by: 'hubspot', detail: 'a change of the stage' };

/** Holds every call that matches until it is let go. */
function hold(
  { sandbox }: SandboxTenant,
  call: { readonly method: string; readonly path: RegExp; readonly after?: number },
) {
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  sandbox.faults.add({ system: 'hubspot', kind: 'delay', until, times: Number.POSITIVE_INFINITY, ...call });
  return () => {
    sandbox.faults.clear();
    letGo();
  };
}

const isHeld = ({ sandbox }: SandboxTenant) => sandbox.faults.hits.length > 0;

describe('An event is not lost', () => {
  test.concurrent('that comes while a cancelled run is being undone: the deal is won anew and provisioned', () =>
    rig.withSandbox({ callTimeoutMs: 35_000, ti: { codesPath: null } }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      const letGo = hold(tenant, { method: 'PATCH', path: /\/objects\/(0-3|deals)\// });
      await tenant.console.cancel(deal.id, BY_SALES);
      await tenant.waitForEvidence(() => isHeld(tenant));
      setStage(tenant, deal, 'appointmentscheduled');
      setStage(tenant, deal, tenant.sandbox.hubspot.state.pipelines.wonStage('default').id);
      tenant.sandbox.ti.state.options.codesPath = '/redemptionCodes/{groupId}/codes';
      await tenant.console.dealChanged(tenant.ref('hubspot', deal.dealId), TOLD);
      letGo();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
    }));

  test.concurrent('that nobody reported while the deal was being marked as delivered', () =>
    rig.withSandbox({ callTimeoutMs: 35_000 }, async (tenant) => {
      // The first write takes the deal, the second notes what the mail hands over.
      const letGo = hold(tenant, { method: 'PATCH', path: /\/objects\/(0-3|deals)\//, after: 2 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForEvidence(() => isHeld(tenant));
      setQuantity(tenant, deal, 5);
      letGo();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(codesMade(tenant.sandbox)).toHaveLength(5);
    }));

  test.concurrent('by a caller who names an old plan: the sweep still sees that nobody provisioned the deal', () =>
    rig.withSandbox(async (tenant) => {
      const dealId = tenant.sandbox.hubspot.state.createDeal({
        lineItems: [{ sku: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
        contacts: [{ id: '6001', labels: ['Buyer'] }],
      });
      const id = await tenant.provision(tenant.ref('hubspot', dealId), { planHash: 'f'.repeat(64) });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'plan.changed' });
      expect((await tenant.console.glance(id))?.code).toBe('plan.changed');
      expect(await again(tenant, { id, dealId })).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));
});

describe('A run that is over', () => {
  test.concurrent('has read everything that it wrote itself, so that no sweep starts it again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const { readUpTo } = (await tenant.console.glance(deal.id)) ?? {};
      const changedAt = tenant.sandbox.hubspot.state.valuesOf('deals', deal.dealId).hs_lastmodifieddate;
      expect(Date.parse(readUpTo ?? '')).toBe(Date.parse(changedAt ?? ''));
    }));
});
