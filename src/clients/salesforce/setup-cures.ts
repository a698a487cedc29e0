import type { SetupCures } from '../setup-check.ts';

/** What to do when the org answers so while it is set up. */
export const CURES: SetupCures = {
  'crm.unauthorized': 'Check SALESFORCE_LOGIN_URL, SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET.',
  'crm.account_mismatch':
    'Set SALESFORCE_ORG_ID to the org of these credentials, or use credentials of that org.',
  'crm.forbidden': 'Give the integration user this right (permission set, field-level security).',
  'crm.not_found': 'Let the integration user see it (permission set).',
  'crm.invalid_request': 'Let the integration user see the object and the fields that the message names.',
  'crm.unavailable': 'Check SALESFORCE_LOGIN_URL and the network.',
  'crm.bad_response': 'Check SALESFORCE_LOGIN_URL: something other than the org answers there.',
  'crm.rate_limited': 'Run `dealseat doctor` again later.',
};
