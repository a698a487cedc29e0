import type { FailureCode } from '../failure.ts';

/** The platform, or the ledger, says no to this very operation: another attempt would hear the same. */
const REFUSALS: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'lms.rejected',
  'lms.learner_rejected',
  'lms.learner_not_found',
  'lms.cannot_revoke',
  'lms.cannot_set_access_end',
  'lms.partly_done',
]);

/** Anything else is of the set-up or of the moment, and is waited for. */
export function isRefusal(code: FailureCode): boolean {
  return code.startsWith('seat.') || REFUSALS.has(code);
}
