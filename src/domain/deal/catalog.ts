import { nameKey } from '../names.ts';
import type { CsvSeparator } from '../seats/csv-separator.ts';
import type { NudgeRule } from '../seats/nudges.ts';
import type { Approvers } from './action.ts';
import type { CrmName } from './deal.ts';
import type { MailPolicy } from './mail-policy.ts';
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
  /** Which deals count; a CRM that is absent has no terms of its own. */
  readonly deals: Readonly<Record<CrmName, DealTerms>>;
  readonly seatsFrom: readonly SeatSource[];
  /** What becomes of a line that no product matches. */
  readonly unmatched: 'ask' | 'ignore';
  readonly lateRedemption: LateRedemptionRule;
  readonly swapInUse: SwapInUseRule;
  /** When buyers and owners are reminded of seats that are not in use; empty: never. */
  readonly nudges: readonly NudgeRule[];
  readonly buyer: BuyerPolicy;
  readonly handOver: HandOverPolicy;
  /** Deals with more seats than this wait for approval; null: none do. */
  readonly approveAboveSeats: number | null;
  /** Whose approvals on the deal count; absent: those of everyone who may edit the field. */
  readonly approvers?: Approvers;
  /** Host names that a redeem URL may have, the tenant's learner host included. */
  readonly learnerHosts: readonly string[];
  /** Name of the learning platform that new groups are made in. */
  readonly platform: string;
  /** Redeem URL template of deals whose partner names none, with `{code}` in it. */
  readonly redeemUrl: string;
}

/** Stages, pipelines and record types as the CRM spells their ids or names. */
export interface DealTerms {
  /** What the CRM sorts deals into, its pipelines or record types, of which deals count; empty: all count. */
  readonly kinds: readonly string[];
  /** Stages that count as won besides the CRM's own. */
  readonly wonStages: readonly string[];
  /** Stages or pipelines that follow the win. */
  readonly afterWon: readonly string[];
}

const NO_TERMS: DealTerms = { kinds: [], wonStages: [], afterWon: [] };

/** What a client must know of the catalog to read deals. */
export interface DealReading {
  readonly terms: DealTerms;
  /** Fields of a deal that hold seats. */
  readonly seatFields: readonly string[];
  /** Field of a contact that says which language the contact reads; absent: the CRM's usual one, if it has one. */
  readonly languageField?: string;
}

export const PLAIN_READING: DealReading = { terms: NO_TERMS, seatFields: [] };

/** A field of the deal that says how many seats of a product it sells. */
export interface SeatSource {
  /** Key of the product. */
  readonly product: string;
  /** What the field is called in each CRM. */
  readonly fields: Readonly<Record<CrmName, string>>;
}

export function dealReadingFor({ deals, seatsFrom, handOver }: Catalog, crm: CrmName): DealReading {
  const languageField = handOver.mail.languageFields[crm];
  return {
    ...(languageField === undefined ? {} : { languageField }),
    terms: deals[crm] ?? NO_TERMS,
    seatFields: [...new Set(seatsFrom.flatMap(({ fields }) => fields[crm] ?? []))],
  };
}

/** Who has the seat when a learner comes in the place of one who left the deal and uses the seat already. */
export const SWAP_IN_USE_RULES = ['ask', 'keep', 'replace'] as const;
export type SwapInUseRule = (typeof SWAP_IN_USE_RULES)[number];

/** What becomes of a code that was taken back and is redeemed all the same. */
export const LATE_REDEMPTION_RULES = ['ask', 'revoke', 'allow'] as const;
export type LateRedemptionRule = (typeof LATE_REDEMPTION_RULES)[number];

export type ProductMatch =
  | { readonly sku: string }
  /** The CRM's own id of the product. */
  | { readonly crm: CrmName; readonly productId: string };

/** Name of a line. People type it, so it matches only what gives no seats. */
export interface NameMatch {
  readonly name: string;
}

/** What several lines of one product sell that start on different days. */
export const LINE_RULES = ['ask', 'sum', 'highest', 'first'] as const;
export type LineRule = (typeof LINE_RULES)[number];

export type CatalogProduct = IgnoredProduct | GrantingProduct;

export interface IgnoredProduct {
  readonly match: ProductMatch | NameMatch;
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
  readonly lines: LineRule;
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
  /** What mails and the roster's file name call the customer; absent: as the CRM calls the company. */
  readonly displayName?: string;
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
  readonly mail: MailPolicy;
  /** Whether the roster is attached as a workbook, too; null: where that costs no further request. */
  readonly workbook: boolean | null;
  /** Of the CSV files that people open. */
  readonly csvSeparator: CsvSeparator;
}

/**
 * The stable name of a catalog product: part of every group token and of every ledger, so it must not change while
 * deals that used it can still be looked up. Another spelling of the same name leaves it as it is.
 */
export function productKey(product: CatalogProduct): string {
  return nameKey(product.ignore || product.key === null ? matchName(product.match) : product.key);
}

/** As people wrote it. */
export function matchName(match: ProductMatch | NameMatch | PartnerMatch): string {
  if ('sku' in match) return `sku:${match.sku}`;
  if ('name' in match) return `name:${match.name}`;
  if ('company' in match) return `company ${match.company}`;
  if ('domain' in match) return `domain ${match.domain}`;
  return `${match.crm}:${'productId' in match ? match.productId : match.companyId}`;
}

export function mailToolFor(catalog: Catalog, crm: CrmName): MailTool {
  return catalog.handOver.tools[crm] ?? NO_MAIL;
}
