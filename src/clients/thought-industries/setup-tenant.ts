import type { SetupCures } from '../setup-check.ts';
import type { DateForm } from './redemptions.ts';
import type { Sender } from './send.ts';

/** What to do when the tenant answers so while it is set up. */
export const CURES: SetupCures = {
  'lms.unauthorized': 'Put a valid key into TI_API_KEY.',
  'lms.forbidden': 'Give the key of TI_API_KEY a role that may do this.',
  'lms.unavailable': 'Check TI_BASE_URL and the network.',
  'lms.not_found': 'Check TI_BASE_URL: it is the address of the tenant, without a path.',
  'lms.bad_response': 'Check TI_BASE_URL: something other than the API answers there.',
  'lms.rate_limited': 'Run `dealseat doctor` again later, or lower TI_REQUESTS_PER_MINUTE.',
};

export interface TenantSetup {
  readonly sender: Sender;
  readonly baseUrl: string;
  /** As configured; null: the tenant lists no codes. */
  readonly codesPath: string | null;
  readonly requestsPerMinute: number;
  /** How the event feed is first asked. */
  readonly eventDates?: DateForm;
}
