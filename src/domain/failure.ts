/**
 * The one failure taxonomy. Clients throw `DealseatError`; `src/temporal/failure-conversion.ts` turns it
 * into Temporal's `ApplicationFailure` (type = code); workflows branch on the code, never on text.
 */

/**
 * What a caller may do about a failure.
 * - `retry`: technical and harmless to repeat.
 * - `later`: harmless to repeat, but only after a delay the other side named.
 * - `never`: repeating cannot help and no person can fix it in place.
 * - `ambiguous`: the write may have happened: look it up before anything else.
 * - `attention`: a person must change something (deal, catalog, credentials) first.
 */
export type FailureClass = 'retry' | 'later' | 'never' | 'ambiguous' | 'attention';

/** Whether a call that fails so is made again. */
export const IS_REPEATED: Readonly<Record<FailureClass, boolean>> = {
  retry: true,
  later: true,
  // The activity looks the effect up before it acts again.
  ambiguous: true,
  never: false,
  attention: false,
};

interface FailureKind {
  readonly class: FailureClass;
  /**
   * Of one call or record, where an outage is of all: repeated for a while only, and then a person is asked. So is every
   * failure of class `ambiguous`.
   */
  readonly mayPass?: true;
  /** What went wrong, for a person who has never seen the code before. */
  readonly cause: string;
  /** What that person does next. */
  readonly cure: string;
}

/** Every failure code, in one table. `docs/failures.md` prints it and a test keeps the two equal. */
export const FAILURES = {
  'lms.unauthorized': {
    class: 'attention',
    cause: 'The learning platform refused the API key.',
    cure: 'Put a valid key into TI_API_KEY, restart the worker, then retry the run.',
  },
  'lms.forbidden': {
    class: 'attention',
    cause: 'The API key may not do this call.',
    cure: 'Give the key a role that may manage redemption codes, then retry the run.',
  },
  'lms.rejected': {
    class: 'attention',
    cause: 'The learning platform refused the code group as invalid.',
    cure: 'Read its message, correct the product or partner in the catalog, then retry the run.',
  },
  'lms.not_found': {
    class: 'never',
    cause: 'The learning platform does not know the group.',
    cure: 'Check TI_BASE_URL and whether an admin removed the group.',
  },
  'lms.codes_path_missing': {
    class: 'attention',
    cause: 'The tenant has no code list under the configured path.',
    cure: 'Ask the vendor for the path and set TI_CODES_PATH, then retry the run.',
  },
  'lms.rate_limited': {
    class: 'later',
    cause: 'The request budget of the learning platform is used up.',
    cure: 'Nothing: the call is repeated after the delay the platform named. Lower TI_REQUESTS_PER_MINUTE if it recurs.',
  },
  'lms.unavailable': {
    class: 'retry',
    cause: 'The learning platform could not be reached or answered with a server error.',
    cure: 'Nothing: the call is repeated.',
  },
  'lms.bad_response': {
    class: 'retry',
    mayPass: true,
    cause: 'The learning platform sent an answer that cannot be read.',
    cure: 'Nothing at first: the call is repeated. When the run waits: compare the answer with docs/engineers.md, then retry the run.',
  },
  'lms.outcome_unknown': {
    class: 'ambiguous',
    cause: 'The create call was sent and no usable answer came back: the group may exist.',
    cure: 'Nothing at first: the group is looked up by its token before any second create. When the run waits: look for the label in the learning platform, then retry the run.',
  },
  'lms.group_mismatch': {
    class: 'attention',
    cause: 'A group with this token exists but its content, seats or dates differ from the plan.',
    cure: 'Compare the named group with the catalog and the deal; correct either, then retry the run.',
  },
  'lms.codes_not_listed': {
    class: 'retry',
    cause: 'Not every code of the group is listed yet.',
    cure: 'Nothing: the list is read again until the deadline.',
  },
  'lms.codes_never_listed': {
    class: 'attention',
    cause: 'The codes were not complete before the deadline.',
    cure: 'Open the group in the learning platform; when all codes are there, retry the run.',
  },
  'lms.codes_inconsistent': {
    class: 'attention',
    cause: 'The listed codes do not match the seats: too few distinct codes, or more than were bought.',
    cure: 'Compare the group with the deal in the learning platform, then retry the run.',
  },
  'crm.unauthorized': {
    class: 'attention',
    cause: 'The CRM refused the credentials.',
    cure: 'Renew the token or client secret of the CRM, restart the worker, then retry the run.',
  },
  'crm.forbidden': {
    class: 'attention',
    cause: 'The CRM user or token lacks a permission or scope, or the edition lacks the feature.',
    cure: 'Grant what the message names, then retry the run.',
  },
  'crm.account_mismatch': {
    class: 'attention',
    cause: 'The credentials belong to another account of the CRM than the one that is configured.',
    cure: 'Set the credentials and the id of the same account, restart the worker, then retry the run.',
  },
  'crm.deal_not_found': {
    class: 'never',
    mayPass: true,
    cause: 'The CRM has no such deal, or hides it from this user.',
    cure: 'Check the id and the sharing rules of the integration user.',
  },
  'crm.not_found': {
    class: 'attention',
    cause: 'Something the deal or the catalog names does not exist in the CRM.',
    cure: 'Correct the id that the message names, then retry the run.',
  },
  'crm.field_missing': {
    class: 'attention',
    cause: 'A field that Dealseat reads or writes does not exist, or is hidden from this user.',
    cure: 'HubSpot: run `dealseat doctor --fix`. Salesforce: add the field that the message names. One that catalog.yaml names: correct its name there and restart the worker. Then retry the run.',
  },
  'crm.invalid_request': {
    class: 'attention',
    cause: 'The CRM refused a value.',
    cure: 'Read its message, correct the deal or the catalog, then retry the run.',
  },
  'crm.rate_limited': {
    class: 'later',
    cause: 'The API quota of the CRM is used up.',
    cure: 'Nothing: the call is repeated after a delay.',
  },
  'crm.unavailable': {
    class: 'retry',
    cause: 'The CRM could not be reached or answered with a server error.',
    cure: 'Nothing: the call is repeated.',
  },
  'crm.session_expired': {
    class: 'retry',
    mayPass: true,
    cause: 'The access token of the CRM ran out, or the CRM refuses every token for this one call.',
    cure: 'Nothing at first: a new token is fetched and the call is repeated. When the run waits: let the app and its user make the call that the message names, then retry the run.',
  },
  'crm.conflict': {
    class: 'retry',
    mayPass: true,
    cause: 'The record is locked or was changed at the same moment.',
    cure: 'Nothing at first: the call is repeated. When the run waits: find what keeps the record locked, such as an import, a trigger or a flow, then retry the run.',
  },
  'crm.bad_response': {
    class: 'retry',
    mayPass: true,
    cause: 'The CRM sent an answer that cannot be read.',
    cure: 'Nothing at first: the call is repeated. When the run waits: see what the message names, then retry the run.',
  },
  'crm.outcome_unknown': {
    class: 'ambiguous',
    cause: 'A write was sent to the CRM and no usable answer came back.',
    cure: 'Nothing at first: the record is read back before the write is repeated. When the run waits: see whether the CRM works again, then retry the run.',
  },
  'crm.roster_missing': {
    class: 'attention',
    cause: 'The roster is not on the deal any more as it was attached.',
    cure: 'Retry the run: the roster is attached again. If it disappears again, look for a workflow or flow of the CRM that removes it.',
  },
  'crm.storage_full': {
    class: 'attention',
    cause: 'The CRM has no file storage left.',
    cure: 'Free storage, then retry the run.',
  },
  'crm.mail_rejected': {
    class: 'attention',
    cause: 'The e-mail tool of the CRM refused the message.',
    cure: 'Correct the address, template or sender that the message names, then retry the run.',
  },
  'crm.mail_unknown': {
    class: 'attention',
    cause: 'The e-mail may or may not have been sent, and the CRM does not tell.',
    cure: 'Look at the activity of the deal. Not sent: retry the run with `--resend`. Sent: retry it with `--mail-was-sent`.',
  },
  'deal.not_won': {
    class: 'never',
    cause: 'The deal is not in a won stage.',
    cure: 'Nothing: the run is skipped. Winning the deal starts a new one.',
  },
  'deal.won_before': {
    class: 'never',
    cause:
      'The deal was won before the day from which the sweep looks for won deals, Dealseat wrote nothing on it yet, and no person asked for it.',
    cure: 'Nothing: it was not Dealseat’s to provision. To have it provisioned start it by hand with `dealseat provision`, or set DEALSEAT_SWEEP_SINCE to an earlier day.',
  },
  'deal.merged': {
    class: 'never',
    cause: 'The deal was merged into another one.',
    cure: 'Nothing: the surviving deal has a run of its own. Start that one if it has none.',
  },
  'deal.merged_into_old': {
    class: 'attention',
    cause:
      'A delivered deal was merged into one that was won before the day from which the sweep looks for won deals. Whether the older one’s own seats are to be made too, only a person can say.',
    cure: 'Retry the run to have all lines of the deal delivered as one. If only the delivered seats count, first take the other lines off the deal.',
  },
  'deal.no_line_items': {
    class: 'attention',
    cause: 'The deal has no line items, so there is nothing to provision.',
    cure: 'Add the products that were sold to the deal.',
  },
  'deal.no_seats': {
    class: 'never',
    cause: 'Every product of the deal is marked in the catalog as giving no seats.',
    cure: 'Nothing: the run is skipped.',
  },
  'deal.line_item_unidentified': {
    class: 'attention',
    cause: 'A line item has neither a SKU nor a product.',
    cure: 'Choose a product from the product library for that line, or give it a SKU.',
  },
  'deal.quantity_invalid': {
    class: 'attention',
    cause: 'A quantity is not a whole number above zero.',
    cure: 'Correct the quantity of that line item.',
  },
  'deal.buyer_missing': {
    class: 'attention',
    cause: 'It is not clear which contact is the buyer.',
    cure: 'Give one contact of the deal the buyer label or role that the catalog names.',
  },
  'deal.buyer_email_missing': {
    class: 'attention',
    cause: 'The buyer has no e-mail address.',
    cure: 'Add an e-mail address to that contact.',
  },
  'deal.learners_missing': {
    class: 'attention',
    cause: 'Codes go to the learners of the deal, but no contact has the learner label or role.',
    cure: 'Give the learners the label or role that the catalog names.',
  },
  'deal.learner_email_missing': {
    class: 'attention',
    cause: 'A learner has no e-mail address.',
    cure: 'Add an e-mail address to that contact.',
  },
  'deal.too_few_seats': {
    class: 'attention',
    cause: 'The deal has more learners than seats, or than codes that nobody was ever given.',
    cure: 'Raise the quantity, or take learners off the deal, then retry the run. A code that one person was given is never given to another.',
  },
  'deal.too_large': {
    class: 'attention',
    cause: 'The deal needs more than a field of the CRM or the server can hold.',
    cure: 'Split the deal into several, so that each has fewer products, lines or people.',
  },
  'deal.stopped': {
    class: 'never',
    cause: 'A person stopped this deal, and it has neither been won anew nor started by a person since.',
    cure: 'To have it provisioned after all, start it by hand with `dealseat provision`.',
  },
  'deal.close_date_missing': {
    class: 'attention',
    cause: 'The deal has no close date, which the group label needs.',
    cure: 'Set the close date of the deal.',
  },
  'deal.partner_missing': {
    class: 'attention',
    cause:
      'The catalog gives seats to partners only, and the company of the deal is none of them or missing.',
    cure: 'Give the deal its company, correct the name or domain of the company, or add it to the partners in catalog.yaml and restart the worker; then retry the run.',
  },
  'deal.company_hidden': {
    class: 'attention',
    cause: 'The CRM does not show the company of the deal, so whether it is a partner is not known.',
    cure: 'Let the integration user read the company that the message names (Salesforce: sharing rules, and read access to accounts), or put another company on the deal if that one was deleted, or match the partner by the id of the company; then retry the run.',
  },
  'deal.left_out': {
    class: 'never',
    cause: 'The deal is won in a pipeline, or has a record type, that `deals` of the catalog leaves out.',
    cure: 'Nothing: the run is skipped. If such deals are to be provisioned, name the pipeline or record type in `deals` of catalog.yaml, restart the worker, then start each deal that was skipped with `dealseat provision`.',
  },
  'deal.closed_long_ago': {
    class: 'never',
    cause:
      'The close date of the deal lies long before the deal was won, as in history that was imported, and no person asked for it.',
    cure: 'If its seats are owed, correct the close date, or start it by hand with `dealseat provision`. 30 days are let through, unless DEALSEAT_POLICY_CLOSED_LONG_AGO_MS says otherwise.',
  },
  'deal.codes_expired': {
    class: 'attention',
    cause: 'By the close date of the deal, codes that are made today would have expired already.',
    cure: 'Correct the close date of the deal, or raise codesExpireAfterDays of the product in catalog.yaml and restart the worker; then retry the run.',
  },
  'deal.lines_unclear': {
    class: 'attention',
    cause:
      'Lines of one product start on different days: they may be years of the same seats, or seats that add up.',
    cure: 'Say what such lines sell with `lines: sum`, `lines: highest` or `lines: first` of the product or of `defaults` in catalog.yaml, restart the worker, then retry the run. For this deal alone: give its lines one start date, or leave one line.',
  },
  'deal.seats_unclear': {
    class: 'attention',
    cause: 'The line items and a field of the deal sell different numbers of seats of one product.',
    cure: 'Correct the line items or the field that the message names, or empty the field; then retry the run.',
  },
  'withdrawal.required': {
    class: 'attention',
    cause:
      'More seats were delivered than are sold now: a quantity was lowered, a line removed, or the deal is not won any more.',
    cure: 'Withdraw them with `dealseat withdraw`, leave them with the customer with `dealseat keep`, or correct the deal. An admin of the learning platform must expire withdrawn codes: no API can.',
  },
  'deal.mark_unreadable': {
    class: 'attention',
    cause:
      'The deal was delivered, but its ledger field was edited or emptied, so what was delivered is not known.',
    cure: 'Put the earlier value of the field back from its history in the CRM.',
  },
  'deal.mark_foreign': {
    class: 'attention',
    cause: 'The ledger field names code groups or a roster of another deal, as in a copy of a delivered one.',
    cure: 'Empty every Dealseat field of this deal, so that it gets groups of its own, then retry the run.',
  },
  'catalog.product_unmapped': {
    class: 'attention',
    cause:
      'A sold product is not in the catalog; or a delivered one is in it no more, while more of another is sold that may be the same.',
    cure: 'Add the product to catalog.yaml, or mark it `ignore: true`; give a product that is matched in another way since its delivery its old `key`. Restart the worker, then retry the run.',
  },
  'catalog.rule_broken': {
    class: 'attention',
    cause: 'The catalog asks for something the learning platform does not allow.',
    cure: 'Correct the entry that the message names in catalog.yaml, restart the worker, then retry the run.',
  },
  'approval.required': {
    class: 'attention',
    cause: 'The deal has more seats than may be given without approval.',
    cure: 'Approve or reject it with `dealseat approve` or `dealseat reject`.',
  },
  'approval.rejected': {
    class: 'never',
    cause: 'A person rejected the provisioning.',
    cure: 'Nothing. To ask anew, sell another number of seats, win the deal again, or start it by hand.',
  },
  'plan.changed': {
    class: 'never',
    cause: 'The deal or the catalog changed since the dry run whose hash the caller named.',
    cure: 'Make a new dry run and start with its hash.',
  },
  'run.held_elsewhere': {
    class: 'attention',
    cause: 'Another deployment of Dealseat works on the same deal, or has done so since this one read it.',
    cure: 'Let only one deployment serve this CRM account and stop the other. The run looks again by itself, and does nothing if the deal is delivered by then.',
  },
  'run.superseded': {
    class: 'attention',
    cause: 'Another run has worked on the deal since this one read it, as after a reset of an old run.',
    cure: 'Nothing: the deal is read again.',
  },
  'run.attention_expired': {
    class: 'never',
    cause: 'Nobody fixed the reported problems before the deadline.',
    cure: 'Fix them, then start the deal again.',
  },
  'run.step_failed': {
    class: 'never',
    cause: 'A step failed in a way that no rule foresees.',
    cure: 'Read the cause in the Temporal UI; report it if it looks like a bug.',
  },
  'run.cancelled': {
    class: 'never',
    cause: 'A person cancelled the run.',
    cure: 'To start it again, use `dealseat provision`: the codes already made are used.',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;

const KINDS: Readonly<Record<FailureCode, FailureKind>> = FAILURES;

export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

export function failureClass(code: FailureCode): FailureClass {
  return FAILURES[code].class;
}

/** One thing that is wrong with a deal, a catalog entry or a remote system, told to the person who can fix it. */
export interface Problem {
  readonly code: FailureCode;
  /** Names the field, what was found and what was expected. Never holds a redemption code or a token. */
  readonly message: string;
  readonly cure: string;
}

export function problem(code: FailureCode, message: string): Problem {
  return { code, message, cure: FAILURES[code].cure };
}

interface DealseatErrorOptions {
  readonly code: FailureCode;
  /** Names the call or field and what was found. Never holds a redemption code, a token or a whole body. */
  readonly message: string;
  /** For class `later`: how long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Beside what the code says. */
  readonly mayPass?: boolean | undefined;
  /** It has lasted too long to be repeated once more. */
  readonly isBelieved?: boolean;
  readonly cause?: unknown;
}

/** Thrown by every client for every failure it foresees. Anything else that is thrown is a bug. */
export class DealseatError extends Error {
  readonly code: FailureCode;
  readonly retryAfterMs: number | undefined;
  /** Repeated for a while, whatever its class, and believed after that: see `activities/patience.ts`. */
  readonly mayPass: boolean;
  readonly isBelieved: boolean;

  constructor(options: DealseatErrorOptions) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DealseatError';
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
    const { class: ownClass, mayPass } = KINDS[options.code];
    this.mayPass = options.mayPass || mayPass || ownClass === 'ambiguous';
    this.isBelieved = options.isBelieved ?? false;
  }

  get class(): FailureClass {
    return failureClass(this.code);
  }
}
