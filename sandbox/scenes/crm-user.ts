/** A deal of a scene, in words that fit every CRM. What is left out is in order. */
export interface SceneDeal {
  readonly company?: { readonly name: string; readonly domain?: string };
  readonly lines?: readonly SceneLine[];
  readonly people?: readonly ScenePerson[];
  /** ISO day or, where the CRM keeps one, moment. */
  readonly closeDate?: string;
  /** Default: the won one. */
  readonly stage?: 'won' | 'open';
}

export interface SceneLine {
  /** Default: LEAD-101 of the example catalog. */
  readonly sku?: string;
  readonly seats: number;
  /** `YYYY-MM-DD`. */
  readonly startsOn?: string;
}

export interface ScenePerson {
  readonly lastName: string;
  /** `buyer` and `learner` are written as the CRM calls them in the example catalog. */
  readonly role?: string;
  readonly isPrimary?: boolean;
  /** False: none is known yet. */
  readonly hasEmail?: boolean;
  /** What stands before the `@`, a number that makes it the only one aside. Default: the last name. */
  readonly mailbox?: string;
}

/** A person or an automation at work in one CRM. */
export interface CrmUser {
  createDeal(deal: SceneDeal): string;
  addLine(dealId: string, line: SceneLine): void;
  /** Corrects the quantity of the deal's first line. */
  setSeats(dealId: string, seats: number): void;
  /** Of the field that can hold the seats of a deal instead of its lines. */
  setSeatsField(dealId: string, seats: number): void;
  /** Returns the id of the contact. */
  addPerson(dealId: string, person: ScenePerson): string;
  /** Takes a contact off the deal; the contact stays. */
  removePerson(dealId: string, contactId: string): void;
  /** What stands in the field with the links to redeem. */
  linkOf(contactId: string): string;
  setLink(contactId: string, link: string): void;
  /** Ids of the contacts, in the order in which they came. */
  peopleOf(dealId: string): string[];
  emailOf(contactId: string): string;
  /** What the surviving contact is on its deals stays; whether it takes over the link to redeem is up to whoever merges. */
  merge(survivingId: string, mergedId: string, takes?: { readonly link: boolean }): void;
  giveEveryoneAnEmail(dealId: string): void;
  reopen(dealId: string): void;
  /** Sets the field by which people act on a deal. */
  act(dealId: string, action: string): void;
  /** Of the field in which Dealseat says how far it is. */
  statusOf(dealId: string): string | null;
  taskCountOf(dealId: string): number;
}

export const BUYER: ScenePerson = { lastName: 'Reyes', role: 'buyer', isPrimary: true };
export const LINE: SceneLine = { seats: 3 };

const LEARNER: ScenePerson = { lastName: 'Park', role: 'learner' };

/** The parts of a deal that nothing is wrong with. */
export const IN_ORDER = { lines: [LINE], people: [BUYER, LEARNER], stage: 'won' } as const;

const TITLES: Readonly<Record<string, string>> = { 'LEAD-101': 'Leadership Essentials' };

export function skuAndTitle({ sku = 'LEAD-101' }: SceneLine): {
  readonly sku: string;
  readonly title: string;
} {
  return { sku, title: TITLES[sku] ?? sku };
}

/** An address or a company that no other play of a scene has. */
export function createNames() {
  let count = 0;
  return {
    company: () => ({ name: `Initech ${++count}`, domain: `initech-${count}.example` }),
    email: ({ lastName, mailbox = lastName.toLowerCase() }: Pick<ScenePerson, 'lastName' | 'mailbox'>) =>
      `${mailbox}.${++count}@initech.example`,
  };
}
