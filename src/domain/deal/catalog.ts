import type { CrmName } from './deal.ts';

/** The validated mapping file. `src/catalog.ts` parses `catalog.yaml` into it; unknown keys are refused there. */
export interface Catalog {
  readonly version: 1;
  readonly products: readonly CatalogProduct[];
  readonly partners: readonly CatalogPartner[];
  readonly buyer: RoleNames;
  readonly handOver: HandOverPolicy;
  /** Deals with more seats than this wait for approval; null: none do. */
  readonly approveAboveSeats: number | null;
  /** Host names that a redeem URL may have, the tenant's learner host included. */
  readonly learnerHosts: readonly string[];
  /** Redeem URL template of deals whose partner names none, with `{code}` in it. */
  readonly redeemUrl: string;
}

export type ProductMatch =
  | { readonly sku: string }
  | { readonly hubspotProductId: string }
  | { readonly salesforceProductId: string };

export type CatalogProduct = IgnoredProduct | GrantingProduct;

export interface IgnoredProduct {
  readonly match: ProductMatch;
  readonly ignore: true;
}

export interface GrantingProduct {
  readonly match: ProductMatch;
  /** Under which delivered deals remember it; null: made from `match`. */
  readonly key: string | null;
  readonly ignore: false;
  readonly title: string;
  readonly grants: Grants;
  readonly seatsPerUnit: number;
  readonly codeLength: number;
  /** When learners lose access after redeeming; null: the platform's default. */
  readonly access: Access | null;
  /** Days from the close date until unredeemed codes stop working; null: never. */
  readonly codesExpireAfterDays: number | null;
}

/** Content ids by kind. At least one id in all. */
export interface Grants {
  readonly courses: readonly string[];
  readonly learningPaths: readonly string[];
  readonly bundles: readonly string[];
  readonly licenses: readonly string[];
}

/** The two access fields of the create call exclude each other, so they are one value here. */
export type Access = { readonly days: number } | { readonly until: string };

export type PartnerMatch =
  | { readonly company: string }
  | { readonly domain: string }
  | { readonly hubspotCompanyId: string }
  | { readonly salesforceAccountId: string };

export interface CatalogPartner {
  readonly match: PartnerMatch;
  /** First part of the group label, `[a-z0-9-]`. */
  readonly label: string;
  /** Panorama client id, or null. */
  readonly client: string | null;
  /** Redeem URL template with `{code}`, or null for the tenant's own `/redeem` page. */
  readonly redeemUrl: string | null;
}

export interface RoleNames {
  readonly hubspotLabel: string | null;
  readonly salesforceRole: string | null;
}

export interface HandOverPolicy {
  readonly to: 'buyer' | 'learners';
  readonly learners: RoleNames;
  readonly hubspot: HubSpotMailTool;
  readonly salesforce: SalesforceMailTool;
  readonly mail: MailTemplate;
}

export type HubSpotMailTool =
  | { readonly via: 'singleSend'; readonly emailId: number }
  | {
      readonly via: 'sequence';
      readonly sequenceId: string;
      readonly userId: string;
      readonly senderEmail: string;
    }
  | { readonly via: 'list'; readonly listId: string }
  | { readonly via: 'none' };

export type SalesforceMailTool = { readonly via: 'emailSimple' } | { readonly via: 'none' };

export type MailTool = HubSpotMailTool | SalesforceMailTool;

/** Liquid templates; `body` is HTML. */
export interface MailTemplate {
  readonly subject: string;
  readonly body: string;
}

export function mailToolFor(catalog: Catalog, crm: CrmName): MailTool {
  return catalog.handOver[crm];
}

export function roleNameFor(names: RoleNames, crm: CrmName): string | null {
  return crm === 'hubspot' ? names.hubspotLabel : names.salesforceRole;
}

/**
 * The stable name of a catalog product: part of every group token and of every ledger, so it must not change while
 * deals that used it can still be looked up.
 */
export function productKey(product: CatalogProduct): string {
  return product.ignore || product.key === null ? matchName(product.match) : product.key;
}

export function matchName(match: ProductMatch): string {
  if ('sku' in match) return `sku:${match.sku}`;
  if ('hubspotProductId' in match) return `hubspot:${match.hubspotProductId}`;
  return `salesforce:${match.salesforceProductId}`;
}
