import type { ActivityDeps } from '../../activities/index.ts';
import type { Crm } from '../clients/crm.ts';
import { createHubSpotCrm, type HubSpotCrm } from '../clients/hubspot/crm.ts';
import type { Lms } from '../clients/lms.ts';
import { createSalesforceCrm } from '../clients/salesforce/crm.ts';
import { createThoughtIndustriesLms } from '../clients/thought-industries/lms.ts';
import { type Config, requireTi, type TiConfig } from '../config/config.ts';
import { loadCatalog } from '../config/load-catalog.ts';
import { type RunPages, runUrl } from '../runs/run-url.ts';

/** Makes the clients that a configuration asks for. Nothing here talks to anyone yet. */
export interface Clients {
  readonly hubspot: HubSpotCrm | null;
  readonly salesforce: Crm | null;
}

export function createCrms({ hubspot, salesforce }: Config): Clients {
  return {
    hubspot:
      hubspot &&
      createHubSpotCrm({
        accessToken: hubspot.accessToken.reveal(),
        baseUrl: hubspot.baseUrl,
        portalId: hubspot.portalId,
      }),
    salesforce:
      salesforce &&
      createSalesforceCrm({
        loginUrl: salesforce.loginUrl,
        clientId: salesforce.clientId,
        clientSecret: salesforce.clientSecret.reveal(),
        orgId: salesforce.orgId,
        apiVersion: salesforce.apiVersion,
      }),
  };
}

export function createLms(ti: TiConfig): Lms {
  return createThoughtIndustriesLms({
    baseUrl: ti.baseUrl,
    apiKey: ti.apiKey.reveal(),
    codesPath: ti.codesPath,
    requestsPerMinute: ti.requestsPerMinute,
  });
}

/** What a worker's configuration gives it; the server adds `deployment` and `wonSince`. Throws `ConfigError` or `CatalogError`, both with every fault. */
export async function createActivityDeps(
  config: Config,
  pages: RunPages,
): Promise<Omit<ActivityDeps, 'deployment' | 'wonSince'>> {
  const ti = requireTi(config);
  const { hubspot, salesforce } = createCrms(config);
  return {
    lms: createLms(ti),
    crms: { ...(hubspot ? { hubspot } : {}), ...(salesforce ? { salesforce } : {}) },
    catalog: await loadCatalog(config.catalogPath, { learnerUrl: ti.learnerUrl }),
    runUrl: (workflowId, runId) => runUrl(pages, workflowId, runId),
    now: Date.now,
  };
}
