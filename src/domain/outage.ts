import { type FailureCode, failureClass } from './failure.ts';

/** Which side is away as a whole. */
export type Outage = 'crm' | 'lms' | 'store';

const OUTAGES: Readonly<Partial<Record<FailureCode, Outage>>> = {
  'crm.unavailable': 'crm',
  'crm.rate_limited': 'crm',
  'lms.unavailable': 'lms',
  'lms.rate_limited': 'lms',
  'store.unavailable': 'store',
};

/** Null: the failure is of one call or record, or of something else. */
export function outageOf(code: FailureCode): Outage | null {
  return OUTAGES[code] ?? null;
}

/** No one is at fault, and a repeat may succeed at any time. */
export function isTechnical(code: FailureCode): boolean {
  return ['retry', 'later'].includes(failureClass(code));
}

export const AWAY: Readonly<Record<Outage, string>> = {
  crm: 'the CRM',
  lms: 'the learning platform',
  store: 'the database of seats',
};
