import type { Ledger } from './ledger.ts';

/** A won (or not yet won) deal as both CRMs can tell it. Read by the CRM adapters, judged by `build-plan.ts`. */

export type CrmName = 'hubspot' | 'salesforce';

/** Names one deal of one CRM account for ever. `account` is the HubSpot portal id or the 18-character org id. */
export interface DealRef {
  readonly crm: CrmName;
  readonly account: string;
  readonly dealId: string;
}

export interface Contact {
  readonly id: string;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** A contact of a deal. `roles` are HubSpot association labels or Salesforce contact roles. */
export interface DealContact extends Contact {
  readonly roles: readonly string[];
  /** Salesforce `IsPrimary`; HubSpot has no primary contact of a deal, so always false there. */
  readonly isPrimary: boolean;
}

export interface LineItem {
  readonly id: string;
  readonly name: string;
  /** As the CRM sent it: a decimal, perhaps fractional, perhaps absent. */
  readonly quantity: number | null;
  /** HubSpot `hs_sku`, Salesforce `ProductCode`. */
  readonly sku: string | null;
  /** HubSpot `hs_product_id`, Salesforce `Product2Id`. */
  readonly productId: string | null;
}

export interface Company {
  readonly id: string;
  readonly name: string;
  /** Bare lower-case host name, without scheme or `www.`. */
  readonly domain: string | null;
}

export interface Owner {
  readonly id: string;
  readonly email: string | null;
}

export interface Deal extends DealRef {
  readonly name: string;
  /** Page of the deal in the CRM, for people. */
  readonly url: string;
  readonly isWon: boolean;
  /** Start of the latest unbroken stay in won stages, ISO instant; null when it is not won or the CRM keeps no history. */
  readonly wonAt: string | null;
  /** Stage as people see it, for messages only. */
  readonly stage: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly closeDate: string | null;
  readonly owner: Owner | null;
  readonly company: Company | null;
  readonly lineItems: readonly LineItem[];
  readonly contacts: readonly DealContact[];
  /** Ids of deals that were merged into this one (HubSpot only): their groups may be with the same customer. */
  readonly mergedDealIds: readonly string[];
  /** What an earlier run wrote on the deal; null if none did. */
  readonly mark: DealMark | null;
  /** Which deployment works on it or did so last: `parseClaim`. */
  readonly claim: string | null;
}

/** The durable mark on the deal: it outlives Temporal's retention. */
export interface DealMark {
  readonly status: string;
  readonly groupIds: readonly string[];
  readonly groupLabels: readonly string[];
  readonly seatCount: number | null;
  /** What was delivered by product; null where the field is empty. */
  readonly ledger: Ledger | 'unreadable' | null;
}
