import type { Config } from '../config/config.ts';
import type { CrmName, DealRef } from '../domain/deal/deal.ts';
import { toSalesforceId18 } from '../domain/deal/salesforce-id.ts';

/** What a deal id of each CRM looks like, for messages. */
export const DEAL_ID_FORM: Readonly<Record<CrmName, string>> = {
  hubspot: 'the digits of a HubSpot deal record id, such as 9001',
  salesforce: 'a Salesforce Opportunity id of 15 or 18 characters that starts with 006',
};

/**
 * The one spelling of a deal id, or null for text that cannot be one. Every way in uses it, because two spellings
 * of one deal would be two workflow ids and so two provisionings.
 */
export function canonicalDealId(crm: CrmName, text: string): string | null {
  if (crm === 'hubspot') return /^[1-9]\d{0,18}$/.test(text) ? text : null;
  return text.startsWith('006') ? toSalesforceId18(text) : null;
}

/** The account that Dealseat serves in that CRM, or null when the CRM is off. */
export function accountOf(config: Config, crm: CrmName): string | null {
  return crm === 'hubspot' ? (config.hubspot?.portalId ?? null) : (config.salesforce?.orgId ?? null);
}

/** Null when the CRM is off or the id cannot be one of its deals. */
export function dealRefOf(config: Config, crm: CrmName, dealId: string): DealRef | null {
  const account = accountOf(config, crm);
  const canonical = canonicalDealId(crm, dealId);
  return account === null || canonical === null ? null : { crm, account, dealId: canonical };
}
