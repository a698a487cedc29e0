import type { Fault } from '../../sandbox/faults.ts';

/** Salesforce takes no mail until the fault is cleared: a run waits for a person and may be asked again. */
export const EVERY_MAIL_REFUSED: Fault = {
  system: 'salesforce',
  method: 'POST',
  path: /emailSimple/i,
  kind: 'status',
  status: 400,
  body: [{ errorCode: 'INVALID_INPUT', message: 'the template is not there' }],
  times: Number.POSITIVE_INFINITY,
};
