import type { WrittenFields } from './deal.ts';

/** What Dealseat's fields say of a deal that it never wrote on. */
export const UNWRITTEN: WrittenFields = {
  status: null,
  seats: null,
  groupLabels: [],
  groupIds: [],
  ledger: null,
  hold: null,
};
