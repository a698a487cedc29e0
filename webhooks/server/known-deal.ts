import type { Config } from '../../src/config/config.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { accountOf, crmNamed } from '../../src/processes/deal-ref.ts';
import { WebhookProblem } from './problems.ts';

/** The deal of the account that is served here, its id in its one spelling. Throws `webhook.crm_off`, `webhook.malformed`. */
export function knownDeal(
  config: Config,
  { crm, dealId: text }: { readonly crm: string; readonly dealId: string },
): DealRef {
  const module = crmNamed(config, crm);
  const account = module && accountOf(config, module);
  if (module === null || account === null) {
    throw new WebhookProblem('webhook.crm_off', { detail: `The variables of ${crm} are not set.` });
  }
  const dealId = module.dealId.canonical(text);
  if (dealId === null) {
    throw new WebhookProblem('webhook.malformed', {
      errors: [{ field: 'dealId', message: `expected ${module.dealId.form}` }],
    });
  }
  return { crm, account, dealId };
}
