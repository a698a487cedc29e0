import { randomInt } from 'node:crypto';
import type { NewDeal } from '../../sandbox/hubspot/state.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import type { NewOpportunity } from '../../sandbox/salesforce/state.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { CrmName, DealRef } from '../../src/domain/deal/deal.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { exampleCatalog, type Settings, type Systems, sandboxActivities } from './sandbox-activities.ts';
import { startWorkerProcess, type WorkerProcess } from './start-worker-process.ts';
import { createTenant, newPortalId, type Tenant, type TenantDeps } from './tenant.ts';

export interface SandboxTenantOptions {
  readonly policy?: Partial<Policy>;
  /** Changes to `catalog.example.yaml`. */
  readonly catalog?: (example: Catalog) => Catalog;
  readonly ti?: SandboxOptions['ti'];
  readonly hubspot?: SandboxOptions['hubspot'];
  readonly salesforce?: SandboxOptions['salesforce'];
  /** Absent: the worker keeps no seats. */
  readonly seats?: SeatStore;
  /** Bound of one HTTP call; a stalled answer ends after it. */
  readonly callTimeoutMs?: number;
  /** Puts something before a stand-in: where the clients call instead. */
  readonly route?: (urls: Systems['urls']) => Promise<Systems['urls']>;
}

export interface SandboxTenant extends Tenant {
  readonly sandbox: Sandbox;
  /** A worker in a process of its own, for a rig that runs none. */
  startWorker(options?: {
    /** Where it reaches Temporal. */
    readonly address?: string;
    /** Where it notes its attempts for the next one. */
    readonly folder?: string;
  }): WorkerProcess;
  /** Changes the catalog of the worker, as a restart with another file would. */
  setCatalog(change: (catalog: Catalog) => Catalog): void;
  /** As if the sweeps had begun then, a UTC instant. */
  beginAt(since: string): void;
  ref(crm: CrmName, dealId: string): DealRef;
  /** Makes a won deal of 3 seats and starts its run, as a webhook would. */
  startHubSpot(deal?: NewDeal): Promise<StartedDeal>;
  startSalesforce(deal?: Partial<NewOpportunity>): Promise<StartedDeal>;
}

export interface StartedDeal {
  readonly id: string;
  readonly dealId: string;
}

/** The service goes by the clock: one day the codes of a deal with a fixed close date would have expired. */
export const TODAY = new Date().toISOString().slice(0, 10);

export const HUBSPOT_DEAL: NewDeal = {
  name: 'Acme leadership rollout',
  ownerId: '8001',
  companyId: '5001',
  lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }],
  contacts: [
    { id: '6001', labels: ['Buyer'] },
    { id: '6002', labels: ['Learner'] },
  ],
};

export const SALESFORCE_DEAL: NewOpportunity = {
  name: 'Globex manager academy',
  stageName: 'Closed Won',
  closeDate: TODAY,
  account: { name: 'Globex Inc', website: 'https://www.globex.example' },
  lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
  contacts: [
    {
      firstName: 'Robin',
      lastName: 'Vale',
      email: 'robin.vale@globex.example',
      role: 'Economic Buyer',
      isPrimary: true,
    },
    { firstName: 'Jo', lastName: 'Lind', email: 'jo.lind@globex.example', role: 'Learner' },
  ],
  owner: { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' },
};

/** Real activities over the real client libraries, on stand-ins that only this test talks to. */
export async function startSandboxTenant(
  deps: TenantDeps,
  options: SandboxTenantOptions,
): Promise<SandboxTenant> {
  const portalId = newPortalId();
  const orgId = newOrgId();
  const sandbox = await startSandbox({
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true }, ...options.ti },
    hubspot: {
      portalId: Number(portalId),
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
      ...options.hubspot,
    },
    salesforce: { orgId, ...options.salesforce },
  });
  const { ti, hubspot, salesforce } = sandbox;
  const urls = { ti: ti.url, hubspot: hubspot.url, salesforce: salesforce.url };
  const systems: Systems = {
    urls: (await options.route?.(urls)) ?? urls,
    portalId,
    orgId,
    callTimeoutMs: options.callTimeoutMs ?? 20_000,
  };
  const settings: Settings = { catalog: exampleCatalog(options.catalog), wonSince: {} };
  const activities = sandboxActivities(systems, settings, undefined, { seats: options.seats });
  const tenant = createTenant(deps, {
    accounts: { [portalId]: activities, [orgId]: activities },
    policy: options.policy,
    onClose: () => sandbox.close(),
  });
  const ref = (crm: CrmName, dealId: string): DealRef => ({
    crm,
    account: crm === 'hubspot' ? portalId : orgId,
    dealId,
  });
  return {
    ...tenant,
    sandbox,
    startWorker: ({ address = deps.address, folder } = {}) => {
      const { taskQueue, bundle } = deps;
      return startWorkerProcess({ address, taskQueue, bundlePath: bundle.codePath, systems, folder });
    },
    setCatalog(change) {
      settings.catalog = change(settings.catalog);
    },
    beginAt(since) {
      settings.wonSince = { hubspot: since, salesforce: since };
    },
    ref,
    async startHubSpot(deal = {}) {
      const dealId = sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, ...deal });
      return { dealId, id: await tenant.provision(ref('hubspot', dealId)) };
    },
    async startSalesforce(deal = {}) {
      const dealId = sandbox.salesforce.state.createOpportunity({ ...SALESFORCE_DEAL, ...deal });
      return { dealId, id: await tenant.provision(ref('salesforce', dealId)) };
    },
  };
}

/** A Salesforce org that no other test of this server has. */
function newOrgId(): string {
  const id = toSalesforceId18(`00D5Y${String(randomInt(0, 10 ** 10)).padStart(10, '0')}`);
  if (id === null) throw new Error('The made-up org id is not one');
  return id;
}
