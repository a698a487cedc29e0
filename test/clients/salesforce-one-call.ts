import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { DealseatError } from '../../src/domain/failure.ts';

/**
 * One read of a deal in a process of its own, `node salesforce-one-call.ts <login url> <deal id>`: prints the
 * failure's code, and `alive` when it comes to its own end, which an error thrown outside of the call prevents.
 */
const [loginUrl = '', dealId = ''] = process.argv.slice(2);
const crm = createSalesforceCrm({
  loginUrl,
  clientId: 'sandbox-sf-client',
  clientSecret: 'sandbox-sf-secret',
  orgId: '00D5Y000001MPM7',
  apiVersion: '66.0',
  timeoutMs: 2_000,
});

const outcome = await crm.readDeal(dealId).catch((error: unknown) => error);
console.log(outcome instanceof DealseatError ? outcome.code : outcome);
process.once('beforeExit', () => console.log('alive'));
