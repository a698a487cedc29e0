import { toSalesforceId18 } from '../../domain/deal/salesforce-id.ts';

/** Key prefixes of the objects that Dealseat takes ids of. */
const KEY_PREFIX = {
  Opportunity: '006',
  Contact: '003',
  User: '005',
  Organization: '00D',
  Account: '001',
  Product2: '01t',
} as const;

type SalesforceObject = keyof typeof KEY_PREFIX;

/** The 18-character form of an id of the named object, or null for text that is none. */
export function normalizeIdOf(object: SalesforceObject, id: string): string | null {
  return id.startsWith(KEY_PREFIX[object]) ? toSalesforceId18(id) : null;
}
