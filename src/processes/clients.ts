import type { ActivityDeps } from '../../activities/index.ts';
import type { Crm } from '../clients/crm.ts';
import type { Lms } from '../clients/lms.ts';
import { RequestBudget } from '../clients/request-budget.ts';
import { createThoughtIndustriesLms } from '../clients/thought-industries/lms.ts';
import { type Config, requireSecretKeys, requireTi, type TiConfig } from '../config/config.ts';
import { type CrmConfig, crmFactsOf, crmsInUse } from '../config/crm-settings.ts';
import { loadCatalog } from '../config/load-catalog.ts';
import { createSealer } from '../config/secret-keys.ts';
import { type Catalog, dealReadingFor } from '../domain/deal/catalog.ts';
import type { CrmName } from '../domain/deal/deal.ts';

/**
 * Clients of the CRMs that are on, by name. Nothing here talks to anyone yet. Without a catalog they read deals as the
 * CRM has them.
 */
export async function createCrms(
  config: CrmConfig,
  catalog?: Catalog,
): Promise<Readonly<Record<CrmName, Crm>>> {
  const crms = crmsInUse(config).map(async ({ module, settings }) => {
    const reading = catalog && dealReadingFor(catalog, module.name);
    return [module.name, await module.create(settings, reading)] as const;
  });
  return Object.fromEntries(await Promise.all(crms));
}

export function createLms(ti: TiConfig, budget = createBudget(ti)): Lms {
  return createThoughtIndustriesLms({
    baseUrl: ti.baseUrl,
    apiKey: ti.apiKey.reveal(),
    codesPath: ti.codesPath,
    requestsPerMinute: ti.requestsPerMinute,
    eventDates: ti.eventDates,
    budget,
  });
}

/** Of all requests to the platform. */
export function createBudget({ requestsPerMinute }: Pick<TiConfig, 'requestsPerMinute'>): RequestBudget {
  return new RequestBudget({ requestsPerMinute });
}

/** Clients of the learning platforms, by the names that plans and ledgers have for them. */
export function createPlatforms(ti: TiConfig, budget?: RequestBudget): Readonly<Record<string, Lms>> {
  const lms = createLms(ti, budget);
  return { [lms.name]: lms };
}

/** What a worker's configuration gives it; the server adds the rest. Throws `ConfigError` or `CatalogError`, both with every fault. */
export async function createActivityDeps(
  config: Config,
  budget?: RequestBudget,
): Promise<Omit<ActivityDeps, 'deployment' | 'wonSince' | 'runUrl' | 'lags' | 'seats'>> {
  const ti = requireTi(config);
  const catalog = await loadCatalog(config.catalogPath, {
    learnerUrl: ti.learnerUrl,
    crms: config.knownCrms,
  });
  return {
    platforms: createPlatforms(ti, budget),
    crms: await createCrms(config, catalog),
    crmFacts: crmFactsOf(config),
    sealer: createSealer(requireSecretKeys(config)),
    catalog,
    now: Date.now,
  };
}
