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

/**
 * Who can fix it.
 * - `sales`: whoever works on the deal in the CRM; the cure speaks of records, fields and people.
 * - `admin`: whoever runs Dealseat; the cure may name variables, files and commands. Sales only hear that it is held up.
 */
export type Fixer = 'sales' | 'admin';

interface CommonKind {
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

export type FailureKind = CommonKind &
  (
    | {
        readonly fixedBy: 'sales';
        /** The next step in the words of those who work on the deal; absent: `cure` is; empty: the message says it. */
        readonly onDeal?: string;
      }
    | {
        readonly fixedBy: 'admin';
        /** Goes on after "Held up: " on the deal. Names no variable, file, command or path. */
        readonly onDeal: string;
      }
  );
