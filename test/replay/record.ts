/**
 * Writes the golden histories: `node test/replay/record.ts`. They are made anew only for a release, from real runs on
 * the sandbox; in between they stay, because they stand for the open runs that the next release must be able to
 * continue.
 */

import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { startDevServer } from '../../src/temporal/dev-server/dev-server.ts';
import { openRigWorld } from '../support/rig-world.ts';
import {
  HUBSPOT_DEAL,
  type SandboxTenant,
  type SandboxTenantOptions,
  type StartedDeal,
  startSandboxTenant,
} from '../support/sandbox-tenant.ts';
import { writeHistory } from './histories.ts';

interface Scene {
  readonly options?: SandboxTenantOptions;
  /** Resolves when the run is over. */
  play(tenant: SandboxTenant): Promise<StartedDeal>;
}

const SCENES: Readonly<Record<string, Scene>> = {
  'delivered-hubspot': {
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'delivered-salesforce': {
    async play(tenant) {
      const deal = await tenant.startSalesforce();
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  cancelled: {
    options: { ti: { listingDelayMs: Number.POSITIVE_INFINITY } },
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      await tenant.console.cancel(deal.id, { by: 'sales ops', reason: 'signed by mistake' });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'attention-then-delivered': {
    async play(tenant) {
      const deal = await tenant.startHubSpot({ closeDate: null });
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      tenant.sandbox.hubspot.state.edit('deals', deal.dealId, { closedate: '2026-11-20' });
      await tenant.console.retry(deal.id, { by: 'sales ops' });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  failed: {
    options: { policy: { attentionDeadlineMs: 2_000 }, ti: { codesPath: null } },
    async play(tenant) {
      const deal = await tenant.startHubSpot();
      await tenant.failureOf(deal.id);
      return deal;
    },
  },
  'claw-back': {
    async play(tenant) {
      const { state } = tenant.sandbox.hubspot;
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      state.edit('deals', deal.dealId, { dealstage: 'closedlost' });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForProgress(deal.id, ({ awaitsApproval }) => awaitsApproval);
      await tenant.console.approve(deal.id, { by: 'sales ops', reason: 'agreed with the customer' });
      await tenant.resultOf(deal.id);
      return deal;
    },
  },
  'claimed-then-delivered': {
    async play(tenant) {
      const { state } = tenant.sandbox.hubspot;
      const claim = (word: string) => `${word} ${new Date().toISOString()} default/another-server`;
      const dealId = state.createDeal({ ...HUBSPOT_DEAL });
      state.edit('deals', dealId, { dealseat_claim: claim('working') });
      const id = await tenant.provision(tenant.ref('hubspot', dealId));
      await tenant.waitForStatus(id, 'NeedsAttention');
      state.edit('deals', dealId, { dealseat_claim: claim('done') });
      await tenant.console.retry(id, { by: 'sales ops' });
      await tenant.resultOf(id);
      return { id, dealId };
    },
  },
};

const server = await startDevServer({ ui: false, searchAttributes: SEARCH_ATTRIBUTES, report: console.log });
const world = await openRigWorld(server.address);
try {
  for (const [name, { options = {}, play }] of Object.entries(SCENES)) {
    const tenant = await startSandboxTenant(world.deps, options);
    try {
      const { id } = await play(tenant);
      const file = writeHistory(name, await tenant.historyOf(id));
      console.log(`${file}: ${await tenant.eventCount(id)} events`);
    } finally {
      await tenant.close();
    }
  }
} finally {
  await world.close();
  await server.stop();
}
