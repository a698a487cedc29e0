import type { CrmModule } from '../clients/crm-module.ts';
import { type CrmConfig, settingsOf } from '../config/crm-settings.ts';
import type { DealRef } from '../domain/deal/deal.ts';

/** Null: there is no such CRM. */
export function crmNamed({ knownCrms }: Pick<CrmConfig, 'knownCrms'>, name: string): CrmModule | null {
  return knownCrms.find((module) => module.name === name) ?? null;
}

/** The account that Dealseat serves in that CRM, or null when the CRM is off. */
export function accountOf(config: CrmConfig, module: CrmModule): string | null {
  const settings = settingsOf(config, module);
  return settings === null ? null : module.accountOf(settings);
}

/** Whether the deal is one of an account that is served here, its id in its one spelling. */
export function isServed(config: CrmConfig, { crm, account, dealId }: DealRef): boolean {
  const module = crmNamed(config, crm);
  if (module === null || module.dealId.canonical(dealId) !== dealId) return false;
  return accountOf(config, module) === account;
}
