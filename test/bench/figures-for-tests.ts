import type { DriveResult } from '../../bench/driver/drive.ts';
import type { Figures } from '../../bench/measures/all.ts';

/** A row in which everything went well. */
export function driveResult(given: Partial<DriveResult> = {}): DriveResult {
  return {
    deals: 20,
    open: 0,
    tookMs: 10_000,
    eachMs: { median: 1_500, low: 1_400, high: 1_600, count: 20 },
    requests: { hubspot: 140, salesforce: 70, ti: 80 },
    platformMs: 10_000,
    refusedForQuota: 0,
    cpu: null,
    memoryBytes: null,
    groups: 20,
    groupsTooMany: 0,
    mailsTooMany: 0,
    notMailed: 0,
    ...given,
  };
}

const requests = { seats: 25, to: 'buyer', toLms: 4, searches: 1 } as const;

export const COUNTED: Pick<Figures, 'requests' | 'history'> = {
  requests: [
    { ...requests, crm: 'hubspot', toCrm: 14 },
    { ...requests, crm: 'salesforce', toCrm: 7 },
  ],
  history: [{ groups: 1, codes: 5, polls: 1, events: 45, turnEvents: 18, bytes: 20_000 }],
};
