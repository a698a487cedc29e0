import type { FailureKind } from './kind.ts';

/** What is wrong with a deal, or why it is left alone. */
export const DEAL_FAILURES = {
  'deal.not_won': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'The deal is not in a won stage.',
    cure: 'Nothing: the run is skipped. Winning the deal starts a new one.',
  },
  'deal.won_before': {
    class: 'never',
    fixedBy: 'sales',
    cause:
      'The deal was won before the day from which the sweep looks for won deals, Dealseat wrote nothing on it yet, and no person asked for it.',
    cure: 'No action needed. To provision it anyway, start it by hand with `dealseat provision`, or set DEALSEAT_SWEEP_SINCE to an earlier day.',
    onDeal: 'If the customer is owed seats, ask your Dealseat administrator to start the deal.',
  },
  'deal.merged': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'The deal was merged into another one.',
    cure: 'Nothing: the surviving deal has a run of its own. Start that one if it has none.',
  },
  'deal.merged_into_old': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'A delivered deal was merged into one that was won before the day from which the sweep looks for won deals. Whether the older one’s own seats are to be made too, only a person can say.',
    cure: 'Retry the run to have all lines of the deal delivered as one. If only the delivered seats count, first take the other lines off the deal.',
    onDeal:
      'Decide whether the seats of all lines are owed. If only the delivered seats count, take the other lines off the deal first.',
  },
  'deal.no_line_items': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The deal has no line items, so there is nothing to provision.',
    cure: 'Add the products that were sold to the deal.',
  },
  'deal.no_seats': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'Every product of the deal is marked in the catalog as giving no seats.',
    cure: 'Nothing: the run is skipped.',
  },
  'deal.line_item_unidentified': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'A line item has neither a SKU nor a product.',
    cure: 'Choose a product from the product library for that line, or give it a SKU.',
  },
  'deal.quantity_invalid': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'A quantity is not a whole number above zero.',
    cure: 'Correct the quantity of that line item.',
  },
  'deal.buyer_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'It is not clear which contact is the buyer.',
    cure: 'Give one contact of the deal the buyer label or role that the catalog names.',
    onDeal: '',
  },
  'deal.buyer_email_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The buyer has no e-mail address.',
    cure: 'Add an e-mail address to that contact.',
  },
  'deal.contact_gone': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The contact of the deal that is the buyer or a learner was deleted.',
    cure: 'Restore the contact, or take it off the deal and mark another contact in its place.',
  },
  'deal.learners_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'Codes go to the learners of the deal, but no contact has the learner label or role.',
    cure: 'Give the learners the label or role that the catalog names.',
    onDeal: 'Give it to each of the learners.',
  },
  'deal.learner_email_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'A learner has no e-mail address.',
    cure: 'Add an e-mail address to that contact.',
  },
  'deal.too_few_seats': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The deal has more learners than seats, or than codes that no one was ever given.',
    cure: 'Raise the quantity, or take learners off the deal, then retry the run. A code that one person was given is never given to another.',
    onDeal:
      'Raise the quantity, or take learners off the deal. A code that one person was given is never given to another.',
  },
  'deal.seat_coming': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'A learner came to a delivered deal that has no free seat yet: a seat is being taken back, and has no code for the next person.',
    cure: 'Wait. The run looks after a minute, and then less and less often, whether the seat has its code. Then it hands it over. `dealseat seats <crm> <deal>` shows the seat, and `dealseat seats operation <id>` what it waits for. To have the run look now, retry it.',
    onDeal: 'You need to do nothing. Dealseat sends the learner the code as soon as it finds the seat free.',
  },
  'deal.seat_in_use': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'A learner came to a delivered deal in the place of one who was taken off it, and that one uses the seat already.',
    cure: 'Decide who is to learn. `approve` ends the access of the one who left, and the newcomer gets the seat with a new code. `reject` leaves the seat as it is. `swapInUse` in the catalog decides it without a question.',
    onDeal:
      'If you approve, their access ends and the newcomer gets the seat. If you reject, they keep it, and the newcomer gets none.',
  },
  'deal.too_large': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The deal needs more than a field of the CRM or the server can hold.',
    cure: 'Split the deal into several, so that each has fewer products, lines or people.',
  },
  'deal.stopped': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'A person stopped this deal, and it has neither been won anew nor started by a person since.',
    cure: 'To have it provisioned after all, start it by hand with `dealseat provision`.',
    onDeal: 'To have the seats made after all, ask your Dealseat administrator to start the deal.',
  },
  'deal.close_date_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The deal has no close date, which the group label needs.',
    cure: 'Set the close date of the deal.',
  },
  'deal.partner_missing': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'The catalog gives seats to partners only, and the deal has no company or one that is not a partner.',
    cure: 'Give the deal its company, or correct the name or domain of the company, then retry the run. If the company is a new partner, an admin of Dealseat adds it to the partners of the catalog first.',
    onDeal:
      'Give the deal its company, or correct the name or domain of the company. If the company is a new partner, ask your Dealseat administrator to add it.',
  },
  'deal.company_hidden': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The CRM does not show the company of the deal, so whether it is a partner is not known.',
    cure: 'Let the integration user read the company that the message names (Salesforce: sharing rules, and read access to accounts), or put another company on the deal if that one was deleted; then retry the run. An admin of Dealseat can also match the partner by the id of its company.',
    onDeal: 'Dealseat cannot see the company of this deal',
  },
  'deal.left_out': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'The deal is won in a pipeline, or has a record type, that `deals` of the catalog leaves out.',
    cure: 'No action needed: the run is skipped. If such deals sell seats, an admin of Dealseat names the pipeline or record type in `deals` of the catalog and starts each deal that was skipped by hand.',
    onDeal: 'If such deals sell seats, ask your Dealseat administrator to include them.',
  },
  'deal.closed_long_ago': {
    class: 'never',
    fixedBy: 'sales',
    cause:
      'The close date of the deal lies long before the deal was won, as in history that was imported, and no person asked for it.',
    cure: 'If the customer should get seats, correct the close date, or ask an admin of Dealseat to start the deal by hand.',
    onDeal:
      'If the customer is owed seats, correct the close date, or ask your Dealseat administrator to start the deal.',
  },
  'deal.close_date_stale': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'The close date of the deal lies long before the deal was won, and the CRM had the deal in an open stage on that day. So it was not imported: the date was never moved, or old deals are being closed now.',
    cure: 'If it was sold now, correct the close date of the deal: the run goes on by itself. If the old date is right, or no seats are owed, ask an admin of Dealseat to start the deal as it is, or to stop it.',
    onDeal:
      'If it was sold now, correct the close date. If the old date is right, ask your Dealseat administrator to start the deal as it is, or to stop it.',
  },
  'deal.codes_expired': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'Counted from the close date of the deal, codes made today would already have expired.',
    cure: 'Correct the close date of the deal, then retry the run. If the date is right, an admin of Dealseat raises codesExpireAfterDays of the product in the catalog first.',
    onDeal:
      'Correct the close date. If it is right, ask your Dealseat administrator to let the codes of this product work longer.',
  },
  'deal.lines_unclear': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'Lines of one product start on different days: they may be years of the same seats, or seats that add up.',
    cure: 'Give these lines of the deal one start date, or leave only one of them, then retry the run. To settle it for every deal, an admin of Dealseat sets `lines` of the product in the catalog to sum, highest or first.',
    onDeal:
      'Give these lines one start date, or leave only one of them. Your Dealseat administrator can set the rule for every deal.',
  },
  'deal.seats_unclear': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The line items and a field of the deal sell different numbers of seats of one product.',
    cure: 'Correct the line items or the field that the message names, or empty the field; then retry the run.',
    onDeal: 'Correct the line items or the field, or empty the field.',
  },
  'deal.mark_unreadable': {
    class: 'attention',
    fixedBy: 'admin',
    cause:
      'The deal was delivered, but its ledger field was edited or emptied, so what was delivered is not known.',
    cure: 'Put the earlier value of the field back from its history in the CRM.',
    onDeal: 'the field in which Dealseat keeps what was delivered was changed or emptied',
  },
  'deal.mark_foreign': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'The Dealseat fields name code groups or a roster of another deal, as in a copy of a delivered one.',
    cure: 'Empty every Dealseat field of this deal, so that it gets groups of its own, then retry the run.',
    onDeal: 'Empty every Dealseat field of this deal, so that it gets codes of its own.',
  },
} as const satisfies Record<`deal.${string}`, FailureKind>;
