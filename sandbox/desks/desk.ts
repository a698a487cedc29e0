/** What a person sees in one CRM, and does there. Both desks are described in the same words. */
export interface Desk {
  readonly system: 'hubspot' | 'salesforce';
  /** What the CRM calls a sale. */
  readonly dealWord: string;
  /** Newest first. */
  deals(): readonly DealSummary[];
  /** Undefined: there is none, or it was merged into another one. */
  record(dealId: string): DealRecord | undefined;
  file(fileId: string): OpenedFile | undefined;
  /** Makes an open deal; returns its id. */
  sell(sale: Sale): string;
  win(dealId: string): void;
  lose(dealId: string): void;
  reopen(dealId: string): void;
  setQuantity(dealId: string, lineId: string, quantity: number): void;
  /** Puts a learner on the deal. */
  addLearner(dealId: string, learner: Sale['learner']): void;
  /** Takes a contact off the deal; the contact stays. */
  removePerson(dealId: string, contactId: string): void;
  setField(dealId: string, name: string, value: string): void;
  /** Null: this CRM merges no deals. */
  readonly merge: ((survivingId: string, mergedId: string) => void) | null;
}

export interface Sale {
  readonly company: string;
  readonly sku: string;
  readonly product: string;
  readonly seats: number;
  readonly buyer: { readonly firstName: string; readonly lastName: string; readonly email: string };
  readonly learner: { readonly firstName: string; readonly lastName: string; readonly email: string };
}

export interface DealSummary {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly standing: 'open' | 'won' | 'lost';
  /** Of the field in which Dealseat says how far it is. */
  readonly status: string | null;
}

export interface DealRecord extends DealSummary {
  readonly amount: string | null;
  readonly closesOn: string | null;
  readonly owner: string | null;
  readonly company: string | null;
  /** Those of Dealseat. */
  readonly fields: readonly FieldOnDeal[];
  readonly lines: readonly LineOnDeal[];
  readonly people: readonly PersonOnDeal[];
  readonly tasks: readonly TaskOnDeal[];
  /** As HTML that somebody else wrote. */
  readonly notes: readonly string[];
  readonly files: readonly { readonly id: string; readonly name: string; readonly byteCount: number }[];
}

export interface FieldOnDeal {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** What a person may choose from; empty: not a pick-list. */
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface LineOnDeal {
  readonly id: string;
  readonly product: string;
  readonly quantity: string;
  readonly startsOn: string | null;
}

export interface PersonOnDeal {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly string[];
  /** Links to redeem, which Dealseat writes on the contact of a learner. */
  readonly links: readonly string[];
}

export interface TaskOnDeal {
  readonly subject: string;
  /** HTML that somebody else wrote, or plain text. */
  readonly body: { readonly html: string } | { readonly text: string };
  readonly isDone: boolean;
  readonly priority: string | null;
  readonly dueOn: string | null;
}

export interface OpenedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** `dealseat_roster_file` as people read it, where the CRM has no better label. */
export function readableLabel(label: string, name: string): string {
  if (label !== name) return label;
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
