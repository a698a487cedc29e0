import { activeSeatsByProduct, type Ledger } from '../../domain/deal/ledger.ts';
import { countDiffersFinding, groupUnknownFinding } from '../../domain/texts/audit.ts';
import { type AuditedGroup, liveSeats } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import type { RebuildDeps } from '../rebuild-seats.ts';
import type { Note } from './note.ts';

/** What the deal was given, and what the store has. */
export async function compareCounts(
  { seats }: Pick<RebuildDeps, 'seats'>,
  order: OrderRow,
  {
    ledger,
    groups,
    note,
  }: { readonly ledger: Ledger; readonly groups: readonly AuditedGroup[]; readonly note: Note },
): Promise<void> {
  const known = new Set(groups.map(({ token }) => token));
  for (const { token, active } of ledger.groups) {
    if (active > 0 && !known.has(token))
      note('group_unknown', groupUnknownFinding(order.deal_name, token), `:${token}`);
  }
  const live = await liveSeats(seats.db, order.id);
  const delivered = activeSeatsByProduct(ledger);
  for (const productKey of new Set([...live.keys(), ...delivered.keys()])) {
    const found = { ledger: delivered.get(productKey) ?? 0, store: live.get(productKey) ?? 0 };
    if (found.ledger === found.store) continue;
    const title = groups.find((group) => group.product_key === productKey)?.title ?? productKey;
    note('seats_differ', countDiffersFinding(order.deal_name, { title, ...found }), `:${productKey}`);
  }
}
