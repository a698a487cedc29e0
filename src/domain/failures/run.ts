import type { FailureKind } from './kind.ts';

/** What a run asks people, and how it ends. */
export const RUN_FAILURES = {
  'withdrawal.required': {
    class: 'attention',
    fixedBy: 'sales',
    cause:
      'More seats were delivered than are sold now: a quantity was lowered, a line removed, or the deal left the won stage.',
    cure: 'Withdraw them, leave them with the customer, or correct the deal. An admin of the learning platform must expire withdrawn codes: no API can.',
    onDeal:
      'Decide whether the customer keeps these seats. The codes of seats that are withdrawn must be expired by hand in the learning platform.',
  },
  'approval.required': {
    class: 'attention',
    fixedBy: 'sales',
    cause: 'The deal has more seats than may be given without approval.',
    cure: 'Someone who may approve seats approves or rejects them.',
    onDeal: 'Nothing is made until someone approves it.',
  },
  'approval.rejected': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'A person rejected the provisioning.',
    cure: 'Nothing. To ask anew, sell another number of seats, win the deal again, or start it by hand.',
    onDeal: 'To ask again, sell another number of seats, or win the deal again.',
  },
  'plan.changed': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'The deal or the catalog changed since the dry run whose hash the caller named.',
    cure: 'Make a new dry run and start with its hash.',
  },
  'run.held_elsewhere': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Another deployment of Dealseat works on the same deal, or has done so since this one read it.',
    cure: 'Let only one deployment serve this CRM account and stop the other. The run looks again by itself, and does nothing if the deal is delivered by then.',
    onDeal: 'another installation of Dealseat works on this deal',
  },
  'run.superseded': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Another run has worked on the deal since this one read it, as after a reset of an old run.',
    cure: 'Nothing: the deal is read again.',
    onDeal: 'Dealseat started on this deal again in the meantime',
  },
  'run.attention_expired': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'No one fixed the reported problems before the deadline.',
    cure: 'Fix them, then start the deal again.',
    onDeal: 'Fix what is still open, then have the deal started again.',
  },
  'run.step_failed': {
    class: 'never',
    fixedBy: 'admin',
    cause: 'A step failed unexpectedly.',
    cure: 'Read the cause in the Temporal UI; report it if it looks like a bug.',
    onDeal: 'a step of Dealseat failed unexpectedly',
  },
  'run.cancelled': {
    class: 'never',
    fixedBy: 'sales',
    cause: 'A person cancelled the run.',
    cure: 'To start it again, use `dealseat provision`: the codes already made are used.',
    onDeal: 'If the deal is started again, the codes that were made are used.',
  },
} as const satisfies Record<
  `withdrawal.${string}` | `approval.${string}` | `plan.${string}` | `run.${string}`,
  FailureKind
>;
