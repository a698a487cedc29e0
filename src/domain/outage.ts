import { type FailureCode, failureClass, isPassing } from './failure.ts';

/** Which side is away as a whole. */
export type Outage = 'crm' | 'lms';

/** Null: the failure is of one call or record, or of something else. */
export function outageOf(code: FailureCode): Outage | null {
  if (isPassing(code) || !isTechnical(code)) return null;
  if (code.startsWith('crm.')) return 'crm';
  return code.startsWith('lms.') ? 'lms' : null;
}

/** No one is at fault, and a repeat may succeed at any time. */
export function isTechnical(code: FailureCode): boolean {
  return ['retry', 'later'].includes(failureClass(code));
}

export const AWAY: Readonly<Record<Outage, string>> = { crm: 'the CRM', lms: 'the learning platform' };
