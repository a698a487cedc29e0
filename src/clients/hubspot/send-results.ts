import { DealseatError } from '../../domain/failure.ts';
import type { SentMessage } from '../crm.ts';

/** Results that mean: the mail went out, or an earlier try with the same key has taken care of it. */
const TAKEN: Readonly<Record<string, SentMessage['state']>> = {
  SENT: 'sent',
  QUEUED: 'accepted',
  IDEMPOTENT_IGNORE: 'accepted',
  IDEMPOTENT_FAIL: 'accepted',
};

const CHECK_ADDRESS =
  'Check the e-mail address of the contact; role addresses such as noreply@ are never accepted.';
const OPTED_OUT =
  'The contact opted out of or blocked this mail. Ask them to subscribe again, or hand over the roster by hand.';
const CHECK_TEMPLATE =
  'Compare the {{custom.…}} names in the e-mail with the ones Dealseat sends (see README), publish it, and retry the run.';
const CHECK_PORTAL = 'A HubSpot admin must look at the e-mail settings, limits and add-ons of the portal.';

/** What a person does about the results that occur in practice; the others get the general advice. */
const CURES: Readonly<Record<string, string>> = {
  INVALID_TO_ADDRESS: CHECK_ADDRESS,
  PREVIOUSLY_BOUNCED: CHECK_ADDRESS,
  UNDELIVERABLE: CHECK_ADDRESS,
  BLOCKED_ADDRESS: CHECK_ADDRESS,
  BLOCKED_DOMAIN: CHECK_ADDRESS,
  QUARANTINED_ADDRESS: CHECK_ADDRESS,
  ADDRESS_OPTED_OUT: OPTED_OUT,
  PREVIOUS_SPAM: OPTED_OUT,
  PREVIOUSLY_UNSUBSCRIBED_MESSAGE: OPTED_OUT,
  PREVIOUSLY_UNSUBSCRIBED_PORTAL: OPTED_OUT,
  PREVIOUSLY_UNSUBSCRIBED_BRAND: OPTED_OUT,
  PREVIOUSLY_UNSUBSCRIBED_BUSINESS_UNIT: OPTED_OUT,
  MISSING_TEMPLATE_PROPERTIES: CHECK_TEMPLATE,
  MISSING_REQUIRED_PARAMETER: CHECK_TEMPLATE,
  TEMPLATE_RENDER_EXCEPTION: CHECK_TEMPLATE,
  MISSING_CONTENT:
    'No published transactional e-mail has this id: correct `handOver.hubspot.emailId` in the catalog, or publish the e-mail.',
  CAMPAIGN_CANCELLED: 'Publish the e-mail again in HubSpot.',
  EMAIL_DISABLED: 'Enable the e-mail in HubSpot.',
  INVALID_FROM_ADDRESS: 'Correct the sender of the e-mail in HubSpot.',
  UNCONFIGURED_SENDING_DOMAIN: 'Connect the sending domain in HubSpot.',
  NON_MARKETABLE_CONTACT: 'Choose a transactional e-mail, or make the contact a marketing contact.',
  GDPR_DOI_ENABLED: 'The contact must confirm the double opt-in first.',
  THROTTLED: CHECK_PORTAL,
  PORTAL_OVER_LIMIT: CHECK_PORTAL,
  PORTAL_SUSPENDED: CHECK_PORTAL,
  PORTAL_EXPIRED: CHECK_PORTAL,
  PORTAL_MISSING_MARKETING_SCOPE: CHECK_PORTAL,
  PORTAL_NOT_AUTHORIZED_FOR_APPLICATION: CHECK_PORTAL,
  PORTAL_AUTHENTICATION_FAILURE: CHECK_PORTAL,
};

const GENERAL_CURE = 'Look up the contact and the e-mail in HubSpot, correct either, then retry the run.';

/** HTTP 200 does not mean sent: the result says. Throws `crm.mail_rejected` naming the result and the cure. */
export function judgeSendResult(contactId: string, result: string): SentMessage['state'] {
  const state = Object.hasOwn(TAKEN, result) ? TAKEN[result] : undefined;
  if (state) return state;
  const cure = Object.hasOwn(CURES, result) ? CURES[result] : undefined;
  throw new DealseatError({
    code: 'crm.mail_rejected',
    message: `HubSpot: single send to contact ${contactId}: ${result}. ${cure ?? GENERAL_CURE}`,
  });
}
