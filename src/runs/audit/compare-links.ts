import type { Crm } from '../../clients/crm.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import { judgeLinks } from '../../domain/seats/judge-links.ts';
import { createCodeFinder } from '../../domain/seats/link-field.ts';
import { linkForeignFinding, linkMissingFinding, linkOverFinding } from '../../domain/texts/audit.ts';
import { type HeldLinks, readHeldLinks } from '../../store/audit-links.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import { readVersion } from '../../store/known-seats.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';
import type { Notes } from './note.ts';

export const LINK_KINDS = ['link_missing', 'link_over', 'link_foreign'] as const;

/** Of both CRMs no less. */
const CONTACTS_A_REQUEST = 100;

interface Compared {
  readonly crm: Crm;
  readonly deal: Deal;
  readonly notes: Notes;
  readonly signal: AbortSignal;
}

/**
 * The link fields of everyone who has or had a seat of the deal, and of all contacts of the deal: the store decides who
 * holds which code. What changes meanwhile is left for the next audit.
 */
export async function compareLinks(
  { seats, now }: Pick<RebuildDeps, 'seats' | 'now'>,
  { id: orderId, audience, deal_name: dealName }: OrderRow,
  { crm, deal, notes, signal }: Compared,
): Promise<void> {
  if (audience !== 'learners') return;
  const before = await readVersion(seats.db, orderId);
  const held = await readHeldLinks(seats, orderId, new Date(now()));
  if (held.codes.size === 0) return;
  const contactIds = [...new Set([...held.contactIds, ...deal.contacts.map(({ id }) => id)])];
  notes.spend(Math.ceil(contactIds.length / CONTACTS_A_REQUEST));
  const fields = await crm.readRedeemLinks(contactIds, signal);
  if ((await readVersion(seats.db, orderId)) !== before) {
    for (const kind of LINK_KINDS) notes.leave(kind);
    return;
  }
  const findCode = createCodeFinder(new Set(held.codes.keys()), held.templates);
  const judged = judgeLinks(held.codes, fields, findCode);
  const isQuiet = ({ contactId }: { readonly contactId: string }) => !held.busy.has(contactId);
  for (const { seatId, contactId } of judged.missing.filter(isQuiet)) {
    notes.note('link_missing', linkMissingFinding(dealName, contactId), { seatId });
  }
  const over = Map.groupBy(judged.over.filter(isQuiet), ({ contactId }) => contactId);
  for (const [about, strays] of over) {
    const lines = strays.map(({ line }) => line);
    notes.note('link_over', linkOverFinding(dealName, about, lines), { about });
  }
  for (const { contactId: about, line, seatId } of judged.foreign.filter(isQuiet)) {
    notes.note('link_foreign', linkForeignFinding(dealName, about, line), { about, seatId });
  }
  leaveUnseen(notes, held, fields.unseen);
}

function leaveUnseen(notes: Notes, { codes, busy }: HeldLinks, unseen: ReadonlyMap<string, unknown>): void {
  const unsure = new Set([...busy, ...unseen.keys()]);
  for (const about of unsure) {
    notes.leave('link_over', { about });
    notes.leave('link_foreign', { about });
  }
  for (const { seat } of codes.values()) {
    if (seat !== null && (unsure.has(seat.contactId) || busy.has(seat.id))) {
      notes.leave('link_missing', { seatId: seat.id });
    }
  }
}
