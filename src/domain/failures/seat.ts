import type { FailureKind } from './kind.ts';

const HELD = 'a change of a seat was not carried out';

/** Why something that was asked of a seat is not done. */
export const SEAT_FAILURES = {
  'seat.not_found': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Dealseat has no seat, order or operation of that id.',
    cure: 'List the seats of the deal with `dealseat seats <crm> <deal>` and take the id from there.',
    onDeal: HELD,
  },
  'seat.changed': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Another person was faster: the seat is not as it was when you looked at it.',
    cure: 'Look at the seat again, and ask again if the change is still wanted.',
    onDeal: HELD,
  },
  'seat.under_way': {
    class: 'retry',
    fixedBy: 'admin',
    cause: 'A seat goes from one person to another, and that has not ended yet.',
    cure: 'Nothing: Dealseat looks again until the deadline. `dealseat seats operation <id>` shows what it waits for.',
    onDeal: 'a seat is still being taken back from the person who left the deal',
  },
  'seat.swap_refused': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The seat of a person who left the deal could not be given to the one who came.',
    cure: 'Do what the outcome of the operation names, such as ending the access by hand. Then retry the run.',
    onDeal: 'the seat of the person who left the deal could not be given to the newcomer',
  },
  'seat.busy': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Another change of the same seat is under way.',
    cure: 'Wait for its end, look at the seat again, and ask again if the change is still wanted.',
    onDeal: HELD,
  },
  'seat.wrong_state': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'A seat in this state does not allow what was asked.',
    cure: 'Choose another seat, or another change: docs/seats.md lists which state allows which.',
    onDeal: HELD,
  },
  'seat.none_free': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The order has no free seat of the product.',
    cure: 'Take a seat back first, or sell more seats on the deal.',
    onDeal: 'the deal has no free seat of the product',
  },
  'seat.learner_has_one': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The person has a seat of the same product of the same order already, or is about to get one.',
    cure: 'Choose another person, or take the other seat back first.',
    onDeal: HELD,
  },
  'seat.bad_person': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The address of the person who is to get the seat cannot be one.',
    cure: 'Correct the address and ask again.',
    onDeal: HELD,
  },
  'seat.bad_date': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The end of access that was asked for does not fit the seat.',
    cure: 'Choose another day. To end the access at once, take the seat back.',
    onDeal: HELD,
  },
  'seat.id_used': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The id of the request was used before, for something else.',
    cure: 'Send the request again with an id of its own.',
    onDeal: HELD,
  },
  'seat.codes_expired': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'New codes of the order would not work: the last day of its codes or of its access is over.',
    cure: 'Sell the seats anew on the deal, or give access directly with `dealseat seats grant`.',
    onDeal: 'the codes of this deal have expired',
  },
  'seat.redeemer_unknown': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The code of the seat is used, and the learning platform does not say by whom.',
    cure: 'Find the learner in the learning platform and end the access there. Then take the seat back once more and say that the access was ended by hand.',
    onDeal: 'the learning platform does not say who uses a seat',
  },
} as const satisfies Record<`seat.${string}`, FailureKind>;
