import { z } from 'zod';
import { type Part, queryPart } from './composite.ts';
import { text } from './records.ts';
import { soqlString } from './soql.ts';

/** One change of a tracked field. An empty field is null. */
export interface FieldChange {
  readonly OldValue: string | null;
  readonly NewValue: string | null;
}

const fieldHistory = z.object({ records: z.array(z.object({ OldValue: text, NewValue: text })) });

export type FieldHistory = z.infer<typeof fieldHistory>;

/** A delivery makes a handful of changes, and only those since the deal was read are needed. */
const MAX_CHANGES = 50;

/**
 * The latest changes of a field of an opportunity. It has none where an admin has not set history tracking on for it, and
 * the object itself may be unknown then.
 */
export function historyPart(id: string, field: string): Part<FieldHistory> {
  const where = `OpportunityId = ${soqlString(id)} AND Field = ${soqlString(field)}`;
  const soql = `SELECT OldValue, NewValue FROM OpportunityFieldHistory WHERE ${where} ORDER BY CreatedDate DESC, Id DESC LIMIT ${MAX_CHANGES}`;
  const name = `read who held opportunity ${id}`;
  return {
    ...queryPart(soql, { name, effect: 'read', object: 'OpportunityFieldHistory' }),
    answer: fieldHistory,
  };
}

/**
 * What a field said from `newest` back to `oldest`, newest first and both included; nothing if the changes do not lead there.
 * They come newest first, but their instants have whole seconds, and within one Salesforce promises no order. It does lock
 * a record for a write, so that each change begins with what the one before it wrote: those links are followed.
 */
export function valuesBetween(
  history: readonly FieldChange[],
  { newest, oldest }: { readonly newest: string; readonly oldest: string | null },
): string[] {
  const tried = new Set<FieldChange>();
  const back = (value: string | null, place: number): string[] => {
    // A text may have been written more than once, and the change that is looked for is more likely an older one.
    for (const change of [...history.slice(place), ...history.slice(0, place)]) {
      if (change.NewValue !== value || tried.has(change)) continue;
      tried.add(change);
      const { OldValue } = change;
      const earlier = OldValue === oldest ? [oldest ?? ''] : back(OldValue, history.indexOf(change));
      if (earlier.length > 0) return [value ?? '', ...earlier];
    }
    return [];
  };
  return back(newest, 0);
}
