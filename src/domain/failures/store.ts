import type { FailureKind } from './kind.ts';

/** The database of seats. */
export const STORE_FAILURES = {
  'store.unavailable': {
    class: 'retry',
    fixedBy: 'admin',
    cause:
      'The database of seats did not answer, cut the connection, or had no room for one more connection or change.',
    cure: 'Nothing: the step is repeated. If it lasts, run `dealseat doctor`, and look at the log of PostgreSQL.',
    onDeal: 'the database of seats does not answer Dealseat',
  },
  'store.unauthorized': {
    class: 'attention',
    fixedBy: 'admin',
    cause:
      'PostgreSQL refused the user, the password, the database or the kind of connection in DATABASE_URL.',
    cure: 'Correct DATABASE_URL, or grant its user all rights on its own database. Restart Dealseat, then retry the run.',
    onDeal: 'the database of seats no longer accepts Dealseat',
  },
  'store.locked': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'Another process has the embedded database of seats open, and only one may.',
    cure: 'Stop the process that the message names. To use several processes, set DATABASE_URL to a PostgreSQL.',
    onDeal: 'the database of seats is open elsewhere',
  },
  'store.too_old': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The PostgreSQL server is older than version 15.',
    cure: 'Upgrade PostgreSQL to version 15 or later, or set DATABASE_URL to a newer server.',
    onDeal: 'the database of seats is too old',
  },
  'store.too_new': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'A newer version of Dealseat changed the tables of the database of seats.',
    cure: 'Run the version of Dealseat that made them, or a later one; or restore the backup from before that upgrade.',
    onDeal: 'Dealseat is older than its database of seats',
  },
  'store.migration_failed': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The tables of the database of seats could not be made or upgraded. Nothing was changed.',
    cure: 'Give Dealseat a database of its own and a user who may create tables in it. Then start Dealseat again.',
    onDeal: 'the database of seats could not be set up',
  },
  'store.key_missing': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'A code was sealed with a key that DEALSEAT_SECRET_KEYS does not have.',
    cure: 'Add the key that the message names to DEALSEAT_SECRET_KEYS, behind the others. Restart Dealseat, then retry the run.',
    onDeal: 'Dealseat lacks the key to the codes of this deal',
  },
  'store.differs': {
    class: 'attention',
    fixedBy: 'admin',
    cause:
      'The nightly audit found that a deal, the learning platform and the database of seats do not agree.',
    cure: 'Run `dealseat seats audit`, which lists every difference with what cures it.',
    onDeal: 'the seats of this deal are recorded in two ways that differ',
  },
  'store.corrupt': {
    class: 'attention',
    fixedBy: 'admin',
    cause: 'The database of seats is damaged, or a sealed code in it was altered.',
    cure: 'Stop Dealseat and restore the last backup. Without one, remove the database and run `dealseat seats rebuild`.',
    onDeal: 'the database of seats is damaged',
  },
} as const satisfies Record<`store.${string}`, FailureKind>;
