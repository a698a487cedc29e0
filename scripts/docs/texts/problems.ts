import { type FailureCode, type Problem, problem } from '../../../src/domain/failure.ts';
import { mailInDoubt, mailRefused } from '../../../src/domain/texts/mail.ts';
import {
  type Around,
  contact,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  line,
  readingOf,
  wonAt,
} from '../../../test/unit/example-deals.ts';

/** Ids that the examples name, and who they are. */
export const PEOPLE: ReadonlyMap<string, string> = new Map([
  ['6001', 'Dana Reyes'],
  ['6002', 'Lee Park'],
  ['6003', 'Kim Vale'],
  ['6009', 'Robin Sand'],
]);

const BUYER = contact('6001', { roles: ['Buyer'] });
const LEARNER = contact('6002', { roles: ['Learner'] });

/** The problem of this code that a reading of the deal finds. */
function found(
  code: FailureCode,
  changes: Parameters<typeof deal>[0],
  catalog = EXAMPLE,
  around: Around = {},
): Problem {
  const reading = readingOf(deal({ contacts: [BUYER], ...changes }), catalog, around);
  const problems =
    reading.kind === 'blocked'
      ? reading.problems
      : reading.kind === 'nothing'
        ? [reading.reason]
        : reading.kind === 'more'
          ? (reading.question?.problems ?? [])
          : [];
  const wanted = problems.find((each) => each.code === code);
  if (wanted === undefined) throw new Error(`the example for ${code} makes ${JSON.stringify(problems)}`);
  return wanted;
}

const early = { closeDate: '2024-01-31', ...wonAt('2024-01-31T09:00:00.000Z') };
const unseen = { id: '6001', roles: ['Buyer'], isPrimary: false } as const;

/** One for each code: from the rules where they find it, else in the words of the client that does. */
export const EXAMPLES: Readonly<Record<FailureCode, Problem>> = {
  'lms.unauthorized': problem('lms.unauthorized', 'Thought Industries: create group answered 401.'),
  'lms.forbidden': problem('lms.forbidden', 'Thought Industries: create group answered 403.'),
  'lms.rejected': problem(
    'lms.rejected',
    'Thought Industries: create group answered 422: courseIds.0 is unknown.',
  ),
  'lms.not_found': problem('lms.not_found', 'Thought Industries: read group 39d3 answered 404.'),
  'lms.codes_path_missing': problem(
    'lms.codes_path_missing',
    'GET /redemptionCodes/39d3/codes answered 404 (check TI_CODES_PATH)',
  ),
  'lms.rate_limited': problem('lms.rate_limited', 'Thought Industries: list codes answered 429.'),
  'lms.unavailable': problem('lms.unavailable', 'Thought Industries: list codes answered 503.'),
  'lms.bad_response': problem('lms.bad_response', 'Thought Industries: expected JSON, received HTML.'),
  'lms.outcome_unknown': problem(
    'lms.outcome_unknown',
    'Thought Industries: create group: no answer within 120 s.',
  ),
  'lms.group_mismatch': problem(
    'lms.group_mismatch',
    'Group acme-leadership-d44cbb8b has 20 seats; expected 25.',
  ),
  'lms.codes_not_listed': problem(
    'lms.codes_not_listed',
    '20 of 25 codes of acme-leadership-d44cbb8b are listed',
  ),
  'lms.codes_never_listed': problem(
    'lms.codes_never_listed',
    '20 of 25 codes of acme-leadership-d44cbb8b are listed',
  ),
  'lms.codes_inconsistent': problem(
    'lms.codes_inconsistent',
    'acme-leadership-d44cbb8b lists 26 codes for 25 seats',
  ),
  'lms.learner_not_found': problem(
    'lms.learner_not_found',
    'Thought Industries: read user 7c1f answered 404.',
  ),
  'lms.learner_rejected': problem(
    'lms.learner_rejected',
    'Thought Industries: give access to a user answered 422: the address is invalid.',
  ),
  'lms.content_not_found': problem(
    'lms.content_not_found',
    'Thought Industries: the content list shows no course 8f2a with a slug',
  ),
  'lms.partly_done': problem(
    'lms.partly_done',
    'Thought Industries: set the end of access of user 7c1f changed 1 of 2 records',
  ),
  'lms.cannot_revoke': problem(
    'lms.cannot_revoke',
    'Thought Industries: no call ends the access of user 7c1f to bundle b7a4; all other access was ended',
  ),
  'lms.cannot_set_access_end': problem(
    'lms.cannot_set_access_end',
    'Thought Industries: no call sets the end of access to bundle b7a4',
  ),
  'crm.unauthorized': problem('crm.unauthorized', 'HubSpot: read deal 9001 answered 401.'),
  'crm.forbidden': found('crm.forbidden', { contacts: [], unseenContacts: [{ ...unseen, why: 'hidden' }] }),
  'crm.account_mismatch': problem(
    'crm.account_mismatch',
    'HubSpot: the token belongs to portal 62515, not 424242.',
  ),
  'crm.deal_not_found': problem('crm.deal_not_found', 'HubSpot: deal 9001 does not exist.'),
  'crm.not_found': problem('crm.not_found', 'HubSpot: list 31337 does not exist.'),
  'crm.field_missing': problem('crm.field_missing', 'HubSpot: deals have no property dealseat_ledger.'),
  'crm.invalid_request': problem(
    'crm.invalid_request',
    'Salesforce: the value of StageName is not on its list.',
  ),
  'crm.rate_limited': problem('crm.rate_limited', 'HubSpot: read deal 9001 answered 429.'),
  'crm.unavailable': problem('crm.unavailable', 'HubSpot: read deal 9001 answered 502.'),
  'crm.session_expired': problem(
    'crm.session_expired',
    'Salesforce: add a task answered INVALID_SESSION_ID.',
  ),
  'crm.conflict': problem('crm.conflict', 'Salesforce: update opportunity answered UNABLE_TO_LOCK_ROW.'),
  'crm.bad_response': problem('crm.bad_response', 'HubSpot: read deal 9001: expected JSON, received HTML.'),
  'crm.outcome_unknown': problem('crm.outcome_unknown', 'HubSpot: create note: no answer within 120 s.'),
  'crm.roster_missing': problem(
    'crm.roster_missing',
    'The roster file roster-acme-d1234.csv is missing from the deal, or was changed.',
  ),
  'crm.storage_full': problem('crm.storage_full', 'Salesforce: add file answered STORAGE_LIMIT_EXCEEDED.'),
  'crm.mail_rejected': problem(
    'crm.mail_rejected',
    'HubSpot: single send to contact 6001: status 400 VALIDATION_ERROR.',
    {
      onDeal: mailRefused('6001'),
    },
  ),
  'crm.mail_unknown': problem(
    'crm.mail_unknown',
    'HubSpot: single send to contact 6001: IDEMPOTENT_IGNORE.',
    {
      onDeal: mailInDoubt('6001', '2026-11-29T21:41:00.000Z'),
    },
  ),
  'deal.not_won': found('deal.not_won', { isWon: false, stage: 'Negotiation', stageHistory: [] }),
  'deal.won_before': found('deal.won_before', {}, EXAMPLE, { wonSince: '2026-12-01T00:00:00.000Z' }),
  'deal.merged': problem('deal.merged', 'Deal 9002 was merged into deal 9001.'),
  'deal.merged_into_old': problem(
    'deal.merged_into_old',
    'The deal was won before Dealseat began, and a delivered deal was merged into it.',
  ),
  'deal.no_line_items': found('deal.no_line_items', { lineItems: [] }),
  'deal.no_seats': found('deal.no_seats', { lineItems: [line('SUPPORT-GOLD', 1)] }),
  'deal.line_item_unidentified': found('deal.line_item_unidentified', {
    lineItems: [line(null, 4, { name: 'Leadership seats' })],
  }),
  'deal.quantity_invalid': found('deal.quantity_invalid', {
    lineItems: [line('LEAD-101', 2.5, { name: 'Leadership Essentials' })],
  }),
  'deal.buyer_missing': found('deal.buyer_missing', {
    contacts: [BUYER, contact('6009', { roles: ['Buyer'] })],
  }),
  'deal.buyer_email_missing': found('deal.buyer_email_missing', { contacts: [{ ...BUYER, email: null }] }),
  'deal.contact_gone': found('deal.contact_gone', {
    contacts: [],
    unseenContacts: [{ ...unseen, why: 'gone' }],
  }),
  'deal.learners_missing': found('deal.learners_missing', {}, FOR_LEARNERS),
  'deal.learner_email_missing': found(
    'deal.learner_email_missing',
    { contacts: [BUYER, { ...LEARNER, email: null }] },
    FOR_LEARNERS,
  ),
  'deal.too_few_seats': found(
    'deal.too_few_seats',
    { lineItems: [line('LEAD-101', 1)], contacts: [BUYER, LEARNER, contact('6003', { roles: ['Learner'] })] },
    FOR_LEARNERS,
  ),
  'deal.seat_coming': problem(
    'deal.seat_coming',
    '1 learner of the deal waits for a seat that is being taken back from another person.',
  ),
  'deal.seat_in_use': problem(
    'deal.seat_in_use',
    '1 learner who came to the deal has no seat: contact 6003. The seat is in use by contact 6002, who was taken off the deal.',
  ),
  'deal.too_large': problem(
    'deal.too_large',
    'The 400 code groups of the deal need 70,000 characters in field dealseat_ledger, which takes 65,536',
    { onDeal: 'The deal has too many products, lines or people for one delivery.' },
  ),
  'deal.stopped': problem('deal.stopped', 'The deal was stopped by Ana Ruiz.'),
  'deal.close_date_missing': found('deal.close_date_missing', { closeDate: null }),
  'deal.partner_missing': found(
    'deal.partner_missing',
    { company: null },
    { ...EXAMPLE, partnerRequired: true },
  ),
  'deal.company_hidden': found('deal.company_hidden', {
    company: null,
    unseenCompany: { id: '5001', why: 'hidden' },
  }),
  'deal.left_out': found('deal.left_out', { leftOut: 'pipeline "Renewals"' }),
  'deal.closed_long_ago': found('deal.closed_long_ago', { closeDate: '2024-01-31' }),
  'deal.close_date_stale': found('deal.close_date_stale', {
    closeDate: '2026-05-01',
    stageHistory: [
      { isWon: false, since: '2026-04-01T09:00:00.000Z' },
      { isWon: true, since: '2026-11-20T09:00:00.000Z' },
    ],
  }),
  'deal.codes_expired': found('deal.codes_expired', early),
  'deal.lines_unclear': found('deal.lines_unclear', {
    lineItems: [
      line('LEAD-101', 25, { name: 'Leadership Essentials', startsOn: '2026-12-01' }),
      line('LEAD-101', 30, { name: 'Leadership Essentials', startsOn: '2027-12-01' }),
    ],
  }),
  'deal.seats_unclear': problem(
    'deal.seats_unclear',
    '"Leadership Essentials": the line items sell 25 seats, and field number_of_seats says 30.',
  ),
  'deal.mark_unreadable': problem(
    'deal.mark_unreadable',
    'Field dealseat_ledger does not hold a ledger of Dealseat',
  ),
  'deal.mark_foreign': problem(
    'deal.mark_foreign',
    'Field dealseat_ledger names what belongs to another deal: group d1234',
    {
      onDeal: 'The Dealseat fields of this deal were copied from another deal.',
    },
  ),
  'catalog.product_unmapped': found('catalog.product_unmapped', {
    lineItems: [line('NOPE-1', 4, { name: 'Nope training' })],
  }),
  'catalog.rule_broken': problem(
    'catalog.rule_broken',
    'Product "Leadership Essentials": access would end on 2026-01-31, which has passed.',
    { onDeal: 'access to "Leadership Essentials" would end on 31 Jan 2026, which has passed' },
  ),
  'withdrawal.required': problem(
    'withdrawal.required',
    '"Leadership Essentials": 25 seats delivered, 21 sold now; 20 of the delivered codes are not redeemed',
  ),
  'approval.required': found(
    'approval.required',
    { lineItems: [line('LEAD-101', 1_200)] },
    { ...EXAMPLE, approveAboveSeats: 1_000 },
  ),
  'approval.rejected': problem(
    'approval.rejected',
    'The seats of the deal were rejected before, and it sells no others.',
  ),
  'plan.changed': problem('plan.changed', 'The plan is now 5f2e, the caller asked for 9a0c'),
  'run.held_elsewhere': problem('run.held_elsewhere', 'Another deployment works on the deal.'),
  'run.superseded': problem('run.superseded', 'Another run has worked on the deal.'),
  'run.attention_expired': problem(
    'run.attention_expired',
    'No one fixed this by 2026-12-13. Still open: The deal has no line items',
  ),
  'run.step_failed': problem('run.step_failed', 'attachRoster: the step ended without an answer'),
  'run.cancelled': problem('run.cancelled', 'Cancelled by Ana Ruiz: Customer withdrew'),
  'store.unavailable': problem('store.unavailable', 'The database of seats cannot be reached (ECONNREFUSED)'),
  'store.unauthorized': problem(
    'store.unauthorized',
    'The database of seats refused the user or the password (SQLSTATE 28P01)',
  ),
  'store.locked': problem(
    'store.locked',
    'Process 4711 (dealseat start) has had the embedded database of seats in .dealseat/seats open since 2026-12-01T08:00:00.000Z',
  ),
  'store.too_old': problem('store.too_old', 'DATABASE_URL names a PostgreSQL 14.13; expected 15 or later'),
  'store.too_new': problem(
    'store.too_new',
    'The database of seats has had 1 migration that this version of Dealseat does not know: 0007-invitations',
  ),
  'store.migration_failed': problem(
    'store.migration_failed',
    'The tables of the database of seats could not be made (0001-seats): the database has a table of that name that Dealseat did not make',
  ),
  'store.key_missing': problem(
    'store.key_missing',
    'A code in the database of seats was sealed with key "k1", which DEALSEAT_SECRET_KEYS does not have. Add that key behind the others',
  ),
  'store.differs': problem(
    'store.differs',
    'The deal Acme leadership rollout was given 25 seats of Leadership Essentials, and the database has 24.',
  ),
  'store.corrupt': problem(
    'store.corrupt',
    'A code in the database of seats cannot be opened with its key "k1": its 60 characters were altered, or the key of that name is another one',
  ),
  'seat.not_found': problem('seat.not_found', 'No seat has the id "39d3"'),
  'seat.changed': problem(
    'seat.changed',
    'The seat is at version 5, you saw version 3: Kim Vale ended the seat on 29 Nov 2026, 21:41 UTC',
  ),
  'seat.under_way': problem(
    'seat.under_way',
    'Seat 3f1c0a9b-5d2e-4c7a-9b1f-2a6d8e0c4f51 is still being given to another person (1 of 1)',
  ),
  'seat.swap_refused': problem(
    'seat.swap_refused',
    'The learning platform has no call that ends access to a bundle.',
  ),
  'seat.busy': problem(
    'seat.busy',
    'The seat is being changed: Kim Vale asked on 29 Nov 2026, 21:41 UTC to take the seat back, and that is under way',
  ),
  'seat.wrong_state': problem(
    'seat.wrong_state',
    'The seat has ended, so Dealseat cannot extend the access: Kim Vale ended the seat on 29 Nov 2026, 21:41 UTC',
  ),
  'seat.none_free': problem(
    'seat.none_free',
    'The order has 25 seats of product "sku:LEAD-101", and none of them is free',
  ),
  'seat.learner_has_one': problem(
    'seat.learner_has_one',
    'The person has seat 5f0c2a41-7f0e-4c1b-9d56-0b1c2d3e4f50 of the same product, which is in use',
  ),
  'seat.bad_person': problem(
    'seat.bad_person',
    'For the person who is to get the seat the e-mail address is empty; expected one such as kim@example.com',
  ),
  'seat.bad_date': problem(
    'seat.bad_date',
    'The access ends on 31 Jan 2027, 23:59 UTC; to extend it, the new end must be later, and 30 Nov 2026, 23:59 UTC is not',
  ),
  'seat.id_used': problem(
    'seat.id_used',
    'The id "req-1" belongs to another request, with another seat, kind or input',
  ),
  'seat.codes_expired': problem(
    'seat.codes_expired',
    'The codes of "Leadership Essentials" ended on 31 Jan 2026, 23:59 UTC, so a new code would not work',
  ),
  'seat.redeemer_unknown': problem(
    'seat.redeemer_unknown',
    'The code of seat 5f0c2a41-7f0e-4c1b-9d56-0b1c2d3e4f50 is used by a learner whom the platform does not name',
  ),
};
