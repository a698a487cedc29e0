import type { CrmModule } from '../../clients/crm-module.ts';
import { type Config, loadConfig } from '../../config/config.ts';
import type { DealRef } from '../../domain/deal/deal.ts';
import { parseProvisioningId } from '../../domain/deal/ids.ts';
import { CRMS } from '../../processes/crms.ts';
import { accountOf, crmNamed } from '../../processes/deal-ref.ts';
import { UsageError } from './terminal.ts';

export const DEAL_ARGUMENT = '<deal...>';
export const DEAL_ARGUMENT_HELP =
  'a CRM and its deal id (hubspot 9001), or a provisioning id (provision:hubspot:62515:9001)';

/** Help of the two arguments that name a deal of a CRM. */
export const CRM_ARGUMENT_HELP = namesOf(CRMS);
export const DEAL_ID_ARGUMENT_HELP = 'the id of the deal or opportunity';

/** The deal that one or two words name, its ids in their one spelling. Throws `UsageError` or `ConfigError`. */
export function dealOfWords(env: NodeJS.ProcessEnv, words: readonly string[]): DealRef {
  const [first = '', second, ...rest] = words;
  if (rest.length > 0) throw new UsageError(`Expected ${DEAL_ARGUMENT_HELP}; found ${words.length} words`);
  const config = loadConfig(env);
  return second === undefined ? dealOfId(config, first) : dealOfCrm(config, first, second);
}

export function dealOfCrm(config: Config, name: string, dealId: string): DealRef {
  const module = crmNamed(config, name);
  if (module === null) {
    throw new UsageError(`Unknown CRM ${JSON.stringify(name)}; expected ${namesOf(config.knownCrms)}`);
  }
  const account = accountOf(config, module);
  if (account === null) {
    const { prefix } = module.environment;
    throw new UsageError(`${name} is off: its ${prefix}* variables are not set (see .env.example)`);
  }
  return { crm: module.name, account, dealId: canonicalDealId(module, dealId) };
}

/** The CRM may be off: a run of its deals can still be asked and told. */
function dealOfId(config: Config, id: string): DealRef {
  const deal = parseProvisioningId(id);
  const module = deal && crmNamed(config, deal.crm);
  if (deal === null || module === null)
    throw new UsageError(`${JSON.stringify(id)} names no deal; expected ${DEAL_ARGUMENT_HELP}`);
  const account = module.accountId.canonical(deal.account);
  if (account === null)
    throw new UsageError(`${deal.account} is not a valid account; expected ${module.accountId.form}`);
  return { crm: module.name, account, dealId: canonicalDealId(module, deal.dealId) };
}

function canonicalDealId({ name, dealId }: CrmModule, text: string): string {
  const id = dealId.canonical(text);
  if (id !== null) return id;
  throw new UsageError(`${JSON.stringify(text)} is not a valid ${name} deal id; expected ${dealId.form}`);
}

function namesOf(crms: readonly CrmModule[]): string {
  return crms.map(({ name }) => name).join(' or ');
}
