import type { CrmModule } from '../../clients/crm-module.ts';
import { type CrmConfig, crmsInUse } from '../../config/crm-settings.ts';
import { type Catalog, mailToolFor } from '../../domain/deal/catalog.ts';
import { NO_MAIL } from '../../domain/deal/mail-tool.ts';
import { type Tried, warning } from './check.ts';

/** CRMs whose buyers cannot be reminded, though a rule says so: what a catalog allows because another CRM can. */
export function muteNudges(catalog: Catalog, config: CrmConfig): Tried[] {
  if (!catalog.nudges.some(({ to }) => to.includes('buyer'))) return [];
  return crmsOf(catalog, config).flatMap(({ name, facts, catalog: { buyerTools } }) => {
    const { via, traits } = mailToolFor(catalog, name);
    if (traits.writesToPeople) return [];
    const tool = via === NO_MAIL.via ? 'there is no e-mail tool' : `the e-mail tool ${via} cannot do so`;
    return warning(
      `Reminders of buyers in ${facts.displayName}`,
      `${tool}, so the owners of these deals get a task in place of each reminder of a buyer`,
      `Set \`handOver.${name}.via\` to ${buyerTools.join(' or ')} if Dealseat is to write to the buyers.`,
    );
  });
}

/** Those that are on; where none is, those that the catalog names an e-mail tool for. */
function crmsOf(catalog: Catalog, config: CrmConfig): readonly CrmModule[] {
  const inUse = crmsInUse(config).map(({ module }) => module);
  if (inUse.length > 0) return inUse;
  return config.knownCrms.filter(({ name }) => mailToolFor(catalog, name).via !== NO_MAIL.via);
}
