import { readFileSync } from 'node:fs';
import { type ActivityDeps, createActivities } from '../../activities/index.ts';
import { type LagStore, Lags } from '../../activities/lags.ts';
import { createOutageActivities } from '../../activities/probe-system.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import { createThoughtIndustriesLms } from '../../src/clients/thought-industries/lms.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import { createSealer, parseSecretKeys } from '../../src/config/secret-keys.ts';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import type { OutageActivities } from '../../src/contracts/outage.ts';
import { type Catalog, dealReadingFor } from '../../src/domain/deal/catalog.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

/** When tests plan. Some close a deal on a fixed day, and one day its codes would have expired. */
const NOW = Date.parse('2026-11-21T09:00:00Z');

/** Where a tenant's stand-ins listen and what its accounts are called; plain JSON, for another process. */
export interface Systems {
  readonly urls: { readonly ti: string; readonly hubspot: string; readonly salesforce: string };
  readonly portalId: string;
  readonly orgId: string;
  readonly callTimeoutMs: number;
  /** `HubSpotOptions.believedMs`. */
  readonly believedMs?: number;
}

/** With a key that is no secret. */
export const testSealer = createSealer(
  parseSecretKeys(`test:${Buffer.alloc(32, 7).toString('base64')}`) ?? [],
);

/** Of an account that is watched often enough, so that no test meets calls that it did not cause, and is very slow. */
const KNOWN_TO_BE_SLOW: LagStore = {
  recall: async () => ({ lags: [{ ms: 3_600_000, size: 100_000 }], at: Date.now() }),
  remember: async () => undefined,
};

/** What outlives a run beside the CRM and the platform. */
interface Stores {
  readonly lagStore?: LagStore | undefined;
  /** Absent: no seat store. */
  readonly seats?: SeatStore | undefined;
}

/** What a test may change while its runs are at work. */
export interface Settings {
  catalog: Catalog;
  /** Where the sweeps begin. */
  wonSince: Partial<Record<CrmName, string>>;
}

/** The product's activities over its own client libraries. The settings are asked for at every use. */
export function sandboxActivities(
  systems: Systems,
  settings: Settings,
  deployment = 'default/tests',
  stores: Stores = {},
): ProvisioningActivities & OutageActivities {
  const deps = sandboxDeps(systems, settings, deployment, stores);
  return { ...createActivities(deps), ...createOutageActivities(deps) };
}

/** What they act on. */
export function sandboxDeps(
  systems: Systems,
  settings: Settings,
  deployment = 'default/tests',
  { lagStore = KNOWN_TO_BE_SLOW, seats }: Stores = {},
): ActivityDeps {
  const { urls, portalId, orgId, callTimeoutMs: timeoutMs, believedMs } = systems;
  return {
    platforms: {
      ti: createThoughtIndustriesLms({
        baseUrl: urls.ti,
        apiKey: 'sandbox-ti-key',
        codesPath: '/redemptionCodes/{groupId}/codes',
        requestsPerMinute: 1_000_000,
        timeoutMs,
      }),
    },
    crmFacts: { hubspot: HUBSPOT.facts, salesforce: SALESFORCE.facts },
    sealer: testSealer,
    crms: {
      hubspot: createHubSpotCrm({
        accessToken: 'sandbox-hubspot-token',
        portalId,
        baseUrl: urls.hubspot,
        timeoutMs,
        believedMs,
        singleSend: { resultPollMs: 20, resultWaitMs: 2_000 },
        reading: dealReadingFor(settings.catalog, 'hubspot'),
      }),
      salesforce: createSalesforceCrm({
        loginUrl: urls.salesforce,
        clientId: 'sandbox-sf-client',
        clientSecret: 'sandbox-sf-secret',
        orgId,
        apiVersion: '66.0',
        timeoutMs,
        reading: dealReadingFor(settings.catalog, 'salesforce'),
      }),
    },
    get catalog() {
      return settings.catalog;
    },
    get wonSince() {
      return settings.wonSince;
    },
    deployment,
    lags: new Lags(lagStore),
    ...(seats === undefined ? {} : { seats }),
    runUrl: (workflowId) => workflowId,
    now: () => NOW,
  };
}

const EXAMPLE_CATALOG = readFileSync(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');

export function exampleCatalog(change: (example: Catalog) => Catalog = (example) => example): Catalog {
  return change(parseCatalog(EXAMPLE_CATALOG, { learnerUrl: 'https://learn.vendor.example' }));
}
