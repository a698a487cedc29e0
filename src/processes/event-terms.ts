import type { CrmModule } from '../clients/crm-module.ts';
import type { Config } from '../config/config.ts';
import { CatalogError, loadDealTerms } from '../config/load-catalog.ts';
import { type DealReading, PLAIN_READING } from '../domain/deal/catalog.ts';
import type { Logger } from '../observability/logging.ts';

/**
 * What the catalog says of the CRM's deals, for a server of webhooks, which works without a catalog too: the sweep finds
 * what its events are not believed of.
 */
export async function readingForEvents(
  { catalogPath, knownCrms }: Config,
  { name }: CrmModule,
  logger: Logger,
): Promise<DealReading> {
  try {
    const deals = await loadDealTerms(catalogPath, knownCrms);
    return { ...PLAIN_READING, terms: deals[name] ?? PLAIN_READING.terms };
  } catch (error) {
    const isUnreadable = typeof error === 'object' && error !== null && 'code' in error;
    if (!isUnreadable && !(error instanceof CatalogError)) throw error;
    logger.warn(
      { err: error },
      'The webhook server could not read the catalog; only the sweep uses its wonStages and afterWon',
    );
    return PLAIN_READING;
  }
}
