import { activeSeatsByProduct, type Ledger } from '../../domain/deal/ledger.ts';
import { countDiffersFinding, groupUnknownFinding } from '../../domain/texts/audit.ts';
import type { AuditedGroup } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import type { Notes } from './note.ts';

interface Counted {
  readonly ledger: Ledger;
  readonly live: ReadonlyMap<string, number>;
  readonly groups: readonly AuditedGroup[];
  readonly notes: Notes;
}

/** What the deal was given, and what the store has. */
export function compareCounts(
  { deal_name: dealName }: OrderRow,
  { ledger, live, groups, notes }: Counted,
): void {
  const known = new Set(groups.map(({ token }) => token));
  for (const { token, active } of ledger.groups) {
    if (active === 0 || known.has(token)) continue;
    notes.note('group_unknown', groupUnknownFinding(dealName, token), { about: token });
  }
  const delivered = activeSeatsByProduct(ledger);
  for (const productKey of new Set([...live.keys(), ...delivered.keys()])) {
    const found = { ledger: delivered.get(productKey) ?? 0, store: live.get(productKey) ?? 0 };
    if (found.ledger === found.store) continue;
    const title = groups.find((group) => group.product_key === productKey)?.title ?? productKey;
    notes.note('seats_differ', countDiffersFinding(dealName, { title, ...found }), { about: productKey });
  }
}
