import type { Entry } from '../entry.ts';

export const SEATS_ENTRY: Entry = {
  name: 'seats',
  group: 'seats',
  summary: 'show the seats of a deal, find seats, and act on them',
  examples: [
    'dealseat seats hubspot 9001',
    'dealseat seats hubspot 9001 --state redeemed --json',
    'dealseat seats find kim@example.com',
    'dealseat seats history 3f1c0a9b',
    'dealseat seats revoke 3f1c0a9b --reason "left the company"',
  ],
  load: () => import('../seats.ts'),
};
