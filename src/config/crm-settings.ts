import type { CrmModule } from '../clients/crm-module.ts';
import type { CrmFacts } from '../domain/deal/crm-facts.ts';
import type { CrmName } from '../domain/deal/deal.ts';

export interface CrmConfig {
  /** Every CRM that this installation could serve. */
  readonly knownCrms: readonly CrmModule[];
  /** Settings of those that are on, by name. */
  readonly crms: Readonly<Record<CrmName, unknown>>;
}

/** A CRM that is on, with what its environment variables say. */
export interface CrmInUse<Settings = unknown> {
  readonly module: CrmModule<Settings>;
  readonly settings: Settings;
  readonly account: string;
}

/** Null: the CRM is off. */
export function settingsOf<Settings>({ crms }: CrmConfig, { name }: CrmModule<Settings>): Settings | null {
  // What stands under a module's name was read by that module.
  return (crms[name] as Settings | undefined) ?? null;
}

export function crmsInUse(config: CrmConfig): readonly CrmInUse[] {
  return config.knownCrms.flatMap((module) => {
    const settings = settingsOf(config, module);
    return settings === null ? [] : [{ module, settings, account: module.accountOf(settings) }];
  });
}

/** Of all known ones: a deal may be asked for whose CRM is off by now. */
export function crmFactsOf({ knownCrms }: Pick<CrmConfig, 'knownCrms'>): Readonly<Record<CrmName, CrmFacts>> {
  return Object.fromEntries(knownCrms.map(({ name, facts }) => [name, facts]));
}
