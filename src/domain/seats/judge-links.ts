import type { Contact } from '../deal/deal.ts';
import { type CodeFinder, linesOf } from './link-field.ts';
import { emailKey } from './seat-state.ts';

/** A code of the order that a contact has or had, as the store has it. */
export interface HeldCode {
  /** The seat that it fills; null: the code was retired. */
  readonly seat: {
    readonly id: string;
    readonly contactId: string;
    readonly learnerKey: string | null;
    /** The contact is to carry its link. */
    readonly isWanted: boolean;
  } | null;
}

export interface LinkFields {
  readonly links: ReadonlyMap<string, string>;
  /** Contacts that the CRM showed. */
  readonly people: ReadonlyMap<string, Pick<Contact, 'email'>>;
}

/** Where a link should not be: lines are counted from 1. */
interface StrayLine {
  readonly contactId: string;
  readonly line: number;
}

export interface JudgedLinks {
  /** Seats whose contact does not carry their link. */
  readonly missing: readonly { readonly seatId: string; readonly contactId: string }[];
  /** Of codes that were retired. */
  readonly over: readonly StrayLine[];
  /** Of codes that fill the seat of another contact. */
  readonly foreign: readonly (StrayLine & { readonly seatId: string })[];
}

/** What the link fields of contacts say, and what they should say of these codes. Lines of other deals are no concern. */
export function judgeLinks(
  codes: ReadonlyMap<string, HeldCode>,
  { links, people }: LinkFields,
  findCode: CodeFinder,
): JudgedLinks {
  const over: StrayLine[] = [];
  const foreign: (StrayLine & { readonly seatId: string })[] = [];
  const carried = new Set<string>();
  for (const [contactId, field] of links) {
    for (const [index, text] of linesOf(field).entries()) {
      const code = findCode(text) ?? '';
      const held = codes.get(code);
      if (held === undefined) continue;
      const { seat } = held;
      const line = index + 1;
      if (seat === null) over.push({ contactId, line });
      else if (!isHolder(seat, contactId, people)) foreign.push({ contactId, line, seatId: seat.id });
      else carried.add(code);
    }
  }
  const missing = [...codes].flatMap(([code, { seat }]) =>
    seat?.isWanted && people.has(seat.contactId) && !carried.has(code)
      ? [{ seatId: seat.id, contactId: seat.contactId }]
      : [],
  );
  return { missing, over, foreign };
}

/** A contact that was merged or made anew has another id, which the store hears with the next hand-over. */
function isHolder(
  { contactId: holder, learnerKey }: NonNullable<HeldCode['seat']>,
  contactId: string,
  people: LinkFields['people'],
): boolean {
  if (holder === contactId || !people.has(holder)) return true;
  const email = people.get(contactId)?.email ?? null;
  return email !== null && emailKey(email) === learnerKey;
}
