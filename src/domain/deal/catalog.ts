import { nameKey } from '../names.ts';
import type { CrmName } from './deal.ts';
import { type MailTool, NO_MAIL } from './mail-tool.ts';

/** The validated mapping file. `src/catalog.ts` parses `catalog.yaml` into it; unknown keys are refused there. */
export interface Catalog {
  readonly version: 1;
  readonly products: readonly CatalogProduct[];
  readonly partners: readonly CatalogPartner[];
  /** A deal whose company is none of the partners waits for a person. */
  readonly partnerRequired: boolean;
  /** IANA zone in which buyers read days; null: none is set, so days are over when they are over everywhere. */
  readonly timeZone: string | null;
  readonly buyer: BuyerPolicy;
  readonly handOver: HandOverPolicy;
  /** Deals with more seats than this wait for approval; null: none do. */
  readonly approveAboveSeats: number | null;
  /** Host names that a redeem URL may have, the tenant's learner host included. */
  readonly learnerHosts: readonly string[];
  /** Name of the learning platform that new groups are made in. */
  readonly platform: string;
  /** Redeem URL template of deals whose partner names none, with `{code}` in it. */
  readonly redeemUrl: string;
}

export type ProductMatch =
  | { readonly sku: string }
  /** The CRM's own id of the product. */
  | { readonly crm: CrmName; readonly productId: string };

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
  /** In the spelling of `Company.domain`. */
  | { readonly domain: string }
  /** The CRM's own id of the company. */
  | { readonly crm: CrmName; readonly companyId: string };

export interface CatalogPartner {
  readonly match: PartnerMatch;
  /** First part of the group label, `[a-z0-9-]`. */
  readonly label: string;
  /** Panorama client id, or null. */
  readonly client: string | null;
  /** Redeem URL template with `{code}`, or null for the tenant's own `/redeem` page. */
  readonly redeemUrl: string | null;
}

/** What each CRM calls a contact of that role; a CRM that is absent has no name for it. */
export type RoleNames = Readonly<Record<CrmName, string>>;

export interface BuyerPolicy {
  readonly roles: RoleNames;
  /** The role alone makes a contact the buyer. */
  readonly isRequired: boolean;
}

export interface HandOverPolicy {
  readonly to: 'buyer' | 'learners';
  readonly learners: RoleNames;
  /** Who gets the codes that no learner has: the buyer at once, or learners who come later. */
  readonly leftOver: 'buyer' | 'laterLearners';
  /** By CRM. */
  readonly tools: Readonly<Record<CrmName, MailTool>>;
  readonly mail: MailTemplate;
}

/** Liquid templates; `body` is HTML. */
export interface MailTemplate {
  readonly subject: string;
  readonly body: string;
}

/**
 * The stable name of a catalog product: part of every group token and of every ledger, so it must not change while
 * deals that used it can still be looked up. Another spelling of the same name leaves it as it is.
 */
export function productKey(product: CatalogProduct): string {
  return nameKey(product.ignore || product.key === null ? matchName(product.match) : product.key);
}

/** As people wrote it. */
export function matchName(match: ProductMatch | PartnerMatch): string {
  if ('sku' in match) return `sku:${match.sku}`;
  if ('company' in match) return `company ${match.company}`;
  if ('domain' in match) return `domain ${match.domain}`;
  return `${match.crm}:${'productId' in match ? match.productId : match.companyId}`;
}

export function mailToolFor(catalog: Catalog, crm: CrmName): MailTool {
  return catalog.handOver.tools[crm] ?? NO_MAIL;
}
