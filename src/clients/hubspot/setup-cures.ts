import type { SetupCures } from '../setup-check.ts';

/** What to do when the portal answers so while it is set up. */
export const CURES: SetupCures = {
  'crm.unauthorized': "Put the app's access token into HUBSPOT_ACCESS_TOKEN.",
  'crm.account_mismatch':
    'Set HUBSPOT_PORTAL_ID to the portal of the token, or put a token of that portal into HUBSPOT_ACCESS_TOKEN.',
  'crm.forbidden': 'Give the app this scope, and install it in the portal again.',
  'crm.unavailable': 'Check HUBSPOT_BASE_URL and the network.',
  'crm.bad_response': 'Check HUBSPOT_BASE_URL: something other than the API answers there.',
  'crm.rate_limited': 'Run `dealseat doctor` again later.',
};
