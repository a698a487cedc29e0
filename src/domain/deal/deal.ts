import type { DealAction } from './action.ts';

/** A won (or not yet won) deal as a CRM tells it. Read by the CRM clients, judged by `planning/`. */

/** Name of a registered CRM: one word of `[a-z0-9]`, part of workflow ids and tokens, so it never changes. */
export type CrmName = string;

/** Names one deal of one CRM account for ever. `account` is for example the HubSpot portal id or the Salesforce org id. */
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

/** A contact of a deal. `roles` are the CRM's own names for what the contact is to the deal. */
export interface DealContact extends Contact {
  readonly roles: readonly string[];
  /** False in a CRM that knows no primary contact of a deal. */
  readonly isPrimary: boolean;
  /** Ids of contacts that were merged into this one, as far as the CRM tells them. */
  readonly formerIds: readonly string[];
  /** ISO instant since which the contact is what it is to the deal, as far as the CRM tells. */
  readonly writtenAt?: string | null;
}

/** A record that the deal names and the CRM does not show: it may decide all the same. */
export interface Unseen {
  readonly id: string;
  /** `gone`: the CRM says that it was deleted. `hidden`: it may only be kept from the integration user. */
  readonly why: 'hidden' | 'gone';
}

export type UnseenContact = Unseen & Pick<DealContact, 'roles' | 'isPrimary' | 'writtenAt'>;

export interface LineItem {
  readonly id: string;
  readonly name: string;
  /** As the CRM sent it: a decimal, perhaps fractional, perhaps absent. */
  readonly quantity: number | null;
  readonly sku: string | null;
  /** The CRM's own id of the product. */
  readonly productId: string | null;
  /** First calendar day of what the line sells, `YYYY-MM-DD`; absent where the CRM has none. */
  readonly startsOn?: string;
  /** ISO instant of its last change, as far as the CRM tells. */
  readonly writtenAt?: string | null;
}

/** A number of seats that stands in a field of the deal itself, because the catalog says so. */
export interface SeatField {
  /** As people find it in the CRM. */
  readonly name: string;
  /** As the CRM sent it: a decimal, or text that is no number; null: empty. */
  readonly value: number | string | null;
}

export interface Company {
  readonly id: string;
  readonly name: string;
  /** Host name of its website, in ASCII and without `www.`, as `hostNameIn` makes it. */
  readonly domain: string | null;
  /** Ids of companies that were merged into this one, where the CRM tells them. */
  readonly formerIds?: readonly string[];
}

export interface Owner {
  readonly id: string;
  readonly email: string | null;
}

/** One entry of the stage history: from this instant on the deal counted as won, or did not: `standingOf`. */
export interface StageEntry {
  readonly isWon: boolean;
  /** ISO instant. */
  readonly since: string;
}

/** The texts of Dealseat's own fields on the deal, as they stand there: people can edit them. */
export interface WrittenFields {
  readonly status: string | null;
  readonly seats: number | null;
  /** Labels and ids of the groups, as written; a list that was cut ends in `…`. */
  readonly groupLabels: readonly string[];
  readonly groupIds: readonly string[];
  readonly ledger: string | null;
  readonly hold: string | null;
}

export interface Deal extends DealRef {
  readonly name: string;
  /** Page of the deal in the CRM, for people. */
  readonly url: string;
  /** It is in a won stage, or was and has gone on from there. */
  readonly isWon: boolean;
  /** Why the catalog does not count the deal, such as `pipeline "Renewals"`; absent: it does. */
  readonly leftOut?: string;
  /** In any order; empty where the CRM keeps none. */
  readonly stageHistory: readonly StageEntry[];
  /** Stage as people see it, for messages only. */
  readonly stage: string;
  /** Calendar day, `YYYY-MM-DD`, or an ISO instant where the CRM keeps one: `closeDay` reads both. */
  readonly closeDate: string | null;
  readonly owner: Owner | null;
  readonly company: Company | null;
  /** The company of the deal where `company` is null because the CRM does not show it. */
  readonly unseenCompany: Unseen | null;
  readonly lineItems: readonly LineItem[];
  /** Those that the catalog names. */
  readonly seatFields?: readonly SeatField[];
  readonly contacts: readonly DealContact[];
  /** None of them is in `contacts`. */
  readonly unseenContacts: readonly UnseenContact[];
  /** ISO instant at which a line or a contact last came to the deal or left it, as far as the CRM tells. */
  readonly writtenAt?: string | null;
  /** Ids of deals that were merged into this one: their groups may be with the same customer. */
  readonly mergedDealIds: readonly string[];
  readonly written: WrittenFields;
  /** What people have set to be done, by themselves or by an automation; absent in a CRM without such a field. */
  readonly action?: DealAction | null;
  /** ISO instant of the record's last change by the CRM's own clock, whoever made it: as `WonDeal.changedAt` has it. */
  readonly changedAt: string;
  /** Stands for what people decide on the deal, as far as one call shows it: see `DealPrint`. */
  readonly print: string;
}
