import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import type { SendHistory } from '../crm.ts';
import { inDoubt, rejected } from './send-outcome.ts';

const TAKEN: Readonly<Record<string, 'sent' | 'accepted'>> = { SENT: 'sent', QUEUED: 'accepted' };

/**
 * The key was met before. HubSpot does not say which word comes when, nor whether a send that it refused uses its key
 * up: so the words prove a mail only to a caller who may have sent it.
 */
const MET_BEFORE = new Set(['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL']);

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

interface Send {
  readonly contactId: string;
  readonly statusId: string;
  readonly history: SendHistory;
}

/**
 * HTTP 200 does not mean sent: the result says. A refusal names the result and the cure; a key that was used before the
 * caller could have used it leaves the message in doubt.
 */
export function judgeSendResult({ contactId, statusId, history }: Send, result: string): MessageOutcome {
  const state = Object.hasOwn(TAKEN, result) ? TAKEN[result] : undefined;
  if (state) return { is: state, reference: statusId };
  const what = `HubSpot: single send to contact ${contactId}: ${result}`;
  if (MET_BEFORE.has(result)) {
    if (history.mayBeOutSince !== null) return { is: 'accepted', reference: statusId };
    return inDoubt(
      `${what}. An earlier send has used the same sendId: the mail went out then, or it was refused then. The e-mails of the contact in HubSpot tell which`,
    );
  }
  const cure = Object.hasOwn(CURES, result) ? CURES[result] : undefined;
  return rejected(`${what}. ${cure ?? GENERAL_CURE}`);
}
