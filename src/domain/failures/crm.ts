import type { FailureKind } from './kind.ts';

/** What fails in a CRM. */
export const CRM_FAILURES = {
  'crm.unauthorized': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The CRM refused the credentials.',
    cure: 'Renew the token or client secret of the CRM, restart the worker, then retry the run.',
  },
  'crm.forbidden': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The CRM user or token lacks a permission or scope, or the edition lacks the feature.',
    cure: 'Grant what the message names, then retry the run.',
  },
  'crm.account_mismatch': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The credentials belong to another account of the CRM than the one that is configured.',
    cure: 'Set the credentials and the id of the same account, restart the worker, then retry the run.',
  },
  'crm.deal_not_found': {
    class: 'never',
    fixedBy: 'admin',
    mayPass: true,
    cause: 'The CRM has no such deal, or hides it from this user.',
    cure: 'Check the id and the sharing rules of the integration user.',
  },
  'crm.not_found': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Something the deal or the catalog names does not exist in the CRM.',
    cure: 'Correct the id that the message names, then retry the run.',
  },
  'crm.field_missing': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'A field that Dealseat reads or writes does not exist, or is hidden from this user.',
    cure: 'HubSpot: run `dealseat doctor --fix`. Salesforce: add the field that the message names. One that catalog.yaml names: correct its name there and restart the worker. Then retry the run.',
  },
  'crm.invalid_request': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The CRM refused a value.',
    cure: 'Read its message, correct the deal or the catalog, then retry the run.',
  },
  'crm.rate_limited': {
    class: 'later',
    fixedBy: 'admin',
    cause: 'The API quota of the CRM is used up.',
    cure: 'Nothing: the call is repeated after a delay.',
  },
  'crm.unavailable': {
    class: 'retry',
    fixedBy: 'admin',
    cause: 'The CRM could not be reached or answered with a server error.',
    cure: 'Nothing: the call is repeated.',
  },
  'crm.session_expired': {
    class: 'retry',
    fixedBy: 'admin',
    mayPass: true,
    cause: 'The access token of the CRM ran out, or the CRM refuses every token for this one call.',
    cure: 'Nothing at first: a new token is fetched and the call is repeated. When the run waits: let the app and its user make the call that the message names, then retry the run.',
  },
  'crm.conflict': {
    class: 'retry',
    fixedBy: 'admin',
    mayPass: true,
    cause: 'The record is locked or was changed at the same moment.',
    cure: 'Nothing at first: the call is repeated. When the run waits: find what keeps the record locked, such as an import, a trigger or a flow, then retry the run.',
  },
  'crm.bad_response': {
    class: 'retry',
    fixedBy: 'admin',
    mayPass: true,
    cause: 'The CRM sent an answer that cannot be read.',
    cure: 'Nothing at first: the call is repeated. When the run waits: see what the message names, then retry the run.',
  },
  'crm.outcome_unknown': {
    class: 'ambiguous',
    fixedBy: 'admin',
    cause: 'A write was sent to the CRM and no usable answer came back.',
    cure: 'Nothing at first: the record is read back before the write is repeated. When the run waits: see whether the CRM works again, then retry the run.',
  },
  'crm.roster_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The roster that was attached is missing from the deal, or was changed.',
    cure: 'Retry the run: the roster is attached again. If it disappears again, look for a workflow or flow of the CRM that removes it.',
  },
  'crm.storage_full': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The CRM has no file storage left.',
    cure: 'Free storage, then retry the run.',
  },
  'crm.mail_rejected': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The e-mail tool of the CRM refused the message.',
    cure: 'Correct the address, template or sender that the message names, then retry the run.',
  },
  'crm.mail_unknown': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The e-mail may or may not have been sent, and the CRM does not tell.',
    cure: 'Look at the e-mails of the contact in the CRM, and say whether the message is there.',
  },
} as const satisfies Record<`crm.${string}`, FailureKind>;
