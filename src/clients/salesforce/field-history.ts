import { z } from 'zod';
import { type Part, queryPart } from './composite.ts';
import { text } from './records.ts';
import { soqlString } from './soql.ts';

/** One change of a tracked field. An empty field is null. */
export interface FieldChange {
  readonly OldValue: string | null;
  readonly NewValue: string | null;
}

const changes = z.object({ records: z.array(z.object({ OldValue: text, NewValue: text })) });

/** A delivery makes a handful of changes, and only those since the deal was read are needed. */
const MAX_CHANGES = 50;

/**
 * The latest changes of a field of an opportunity. It has none where an admin has not set history tracking on for it, and
 * the object itself may be unknown then.
 */
export function historyPart(id: string, field: string): Part<{ readonly records: readonly FieldChange[] }> {
  const where = `OpportunityId = ${soqlString(id)} AND Field = ${soqlString(field)}`;
  const soql = `SELECT OldValue, NewValue FROM OpportunityFieldHistory WHERE ${where} ORDER BY CreatedDate DESC, Id DESC LIMIT ${MAX_CHANGES}`;
  const name = `read who held opportunity ${id}`;
  return {
    ...queryPart(soql, { name, effect: 'read', object: 'OpportunityFieldHistory' }),
    answer: changes,
  };
}

/**
 * What a field said from `newest` back to `oldest`, newest first and both included; nothing if the changes do not lead there.
 * Their instants have whole seconds, and within one Salesforce promises no order. But it locks a record for a write, so
 * that each change begins with what the one before it wrote: that link is what is followed here.
 */
export function valuesBetween(
  history: readonly FieldChange[],
  { newest, oldest }: { readonly newest: string; readonly oldest: string | null },
): string[] {
  const rest = [...history];
  const values: string[] = [];
  for (let value: string | null = newest; ; ) {
    values.push(value ?? '');
    const index = rest.findIndex(({ NewValue }) => NewValue === value);
    const [change] = index === -1 ? [] : rest.splice(index, 1);
    if (change === undefined) return [];
    value = change.OldValue;
    if (value === oldest) return [...values, oldest ?? ''];
  }
}
