import { z } from 'zod';
import { parseJson } from '../../domain/parse-json.ts';
import type { Connection } from './connection.ts';
import { DEAL_PROPERTIES, writtenFieldsOf } from './fields.ts';
import { dealsOfContact, type HubSpotRecord, readRecords } from './records.ts';

/** Whether the contact belongs to another deal of which a customer has seats. */
export async function hasOtherDelivery(
  connection: Connection,
  { dealId, contactId }: { readonly dealId: string; readonly contactId: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const dealIds = await dealsOfContact(connection, contactId, signal);
  const others = await readRecords(connection, {
    type: 'deals',
    ids: dealIds.filter((id) => id !== dealId),
    properties: [DEAL_PROPERTIES.status.name, DEAL_PROPERTIES.ledger.name],
    signal,
  });
  return others.some(hasSeats);
}

const activeSchema = z.object({ groups: z.array(z.object({ active: z.number() })) });

/** In doubt yes: who stays on a list too long is told nothing, who is taken off may miss something. */
function hasSeats(deal: HubSpotRecord): boolean {
  const { status, ledger } = writtenFieldsOf(deal);
  if (status === 'Delivered') return true;
  if (ledger === null) return false;
  const read = activeSchema.safeParse(parseJson(ledger));
  return !read.success || read.data.groups.some(({ active }) => active > 0);
}
