import { type Config, loadConfig } from '../../config/config.ts';
import type { CrmName, DealRef } from '../../domain/deal/deal.ts';
import { parseProvisioningId } from '../../domain/deal/ids.ts';
import { toSalesforceId18 } from '../../domain/deal/salesforce-id.ts';
import { accountOf, canonicalDealId, DEAL_ID_FORM } from '../../processes/deal-ref.ts';
import { UsageError } from './terminal.ts';

export const DEAL_ARGUMENT = '<deal...>';
export const DEAL_ARGUMENT_HELP =
  'a CRM and its deal id (hubspot 9001), or a provisioning id (provision:hubspot:62515:9001)';

/** The deal that one or two words name, its ids in their one spelling. Throws `UsageError` or `ConfigError`. */
export function dealOfWords(env: NodeJS.ProcessEnv, words: readonly string[]): DealRef {
  const [first = '', second, ...rest] = words;
  if (rest.length > 0) throw new UsageError(`Expected ${DEAL_ARGUMENT_HELP}; found ${words.length} words`);
  return second === undefined ? dealOfId(first) : dealOfCrm(loadConfig(env), first, second);
}

export function dealOfCrm(config: Config, crm: string, dealId: string): DealRef {
  if (crm !== 'hubspot' && crm !== 'salesforce') {
    throw new UsageError(`There is no CRM ${JSON.stringify(crm)}; expected hubspot or salesforce`);
  }
  const account = accountOf(config, crm);
  if (account === null) {
    const prefix = crm === 'hubspot' ? 'HUBSPOT_' : 'SALESFORCE_';
    throw new UsageError(`${crm} is off: its ${prefix}* variables are not set (see .env.example)`);
  }
  return { crm, account, dealId: canonical(crm, dealId) };
}

function dealOfId(id: string): DealRef {
  const deal = parseProvisioningId(id);
  if (deal === null)
    throw new UsageError(`${JSON.stringify(id)} names no deal; expected ${DEAL_ARGUMENT_HELP}`);
  const account = deal.crm === 'salesforce' ? toSalesforceId18(deal.account) : deal.account;
  if (account === null) throw new UsageError(`${deal.account} is no Salesforce org id`);
  return { ...deal, account, dealId: canonical(deal.crm, deal.dealId) };
}

function canonical(crm: CrmName, dealId: string): string {
  const id = canonicalDealId(crm, dealId);
  if (id !== null) return id;
  throw new UsageError(`${JSON.stringify(dealId)} is no ${crm} deal id; expected ${DEAL_ID_FORM[crm]}`);
}
