import { z } from 'zod';
import type { Contact } from '../../domain/deal/deal.ts';
import { DealseatError } from '../../domain/failure.ts';
import { countOf, numberOf } from '../../domain/words.ts';
import type { RedeemLinks } from '../crm.ts';
import type { Connection, HubSpotCall } from './connection.ts';
import { CONTACT_PROPERTIES, toContact } from './contacts.ts';
import { errorEntry } from './error-body.ts';
import { failureOfEntries } from './failures.ts';
import { REDEEM_LINK_PROPERTY } from './fields.ts';
import { withReadBack } from './read-back.ts';
import { chunksOf, findRecords, MAX_BATCH, propertyOf } from './records.ts';

const { name: LINK_PROPERTY } = REDEEM_LINK_PROPERTY;

export async function readRedeemLinks(
  connection: Connection,
  contactIds: readonly string[],
  signal?: AbortSignal,
): Promise<RedeemLinks> {
  const { found, unseen: notFound } = await findRecords(connection, {
    type: 'contacts',
    ids: contactIds,
    properties: [...CONTACT_PROPERTIES, LINK_PROPERTY],
    signal,
  });
  const links = new Map<string, string>();
  const people = new Map<string, Contact>();
  const unseen = new Map(notFound);
  for (const [id, record] of found) {
    // What was merged into another contact carries nothing of its own any more.
    if (record.id !== id) {
      unseen.set(id, 'gone');
      continue;
    }
    people.set(id, toContact(record));
    const link = propertyOf(record, LINK_PROPERTY);
    if (link !== null) links.set(id, link);
  }
  return { links, people, unseen };
}

const updatedSchema = z.object({
  results: z.array(z.object({ id: z.coerce.string() })),
  errors: z.array(errorEntry).nullish(),
});

/** What a 207 says of contacts that do not exist (any more). */
const NO_SUCH_RECORD = 'OBJECT_NOT_FOUND';

/** A contact that is gone keeps nobody else from being written, and has no link that could be emptied. */
export async function writeRedeemLinks(
  connection: Connection,
  links: ReadonlyMap<string, string | null>,
  signal?: AbortSignal,
): Promise<void> {
  const missing: string[] = [];
  for (const chunk of chunksOf([...links], MAX_BATCH)) {
    const written = new Set(
      await withReadBack(
        () => updateContacts(connection, chunk, signal),
        () => readBack(connection, chunk, signal),
      ),
    );
    // It does not fail the batch: HubSpot answers 207 and leaves it out.
    missing.push(...chunk.filter(([id, link]) => link !== null && !written.has(id)).map(([id]) => id));
  }
  if (missing.length === 0) return;
  throw new DealseatError({
    code: 'crm.not_found',
    message: `HubSpot: write redeem links: no such contact: ${missing.slice(0, 5).join(', ')} (${numberOf(missing.length)} of ${numberOf(links.size)}). Remove it from the deal, or restore it.`,
  });
}

/** Returns the ids that were written. */
async function updateContacts(
  connection: Connection,
  links: readonly (readonly [string, string | null])[],
  signal?: AbortSignal,
): Promise<string[]> {
  const inputs = links.map(([id, link]) => ({ id, properties: { [LINK_PROPERTY]: link ?? '' } }));
  const call: HubSpotCall<z.infer<typeof updatedSchema>> = {
    name: `write redeem links of ${countOf(links.length, 'contact')}`,
    effect: 'overwrite',
    secrets: 'all',
    answer: updatedSchema,
    signal,
  };
  const { results, errors } = await connection.call(call, (client) =>
    client.crm.contacts.batchApi.update({ inputs }),
  );
  // Those that were written are written once more.
  const failure = failureOfEntries(call, errors?.filter(({ category }) => category !== NO_SUCH_RECORD) ?? []);
  if (failure !== null) throw failure;
  return results.map(({ id }) => id);
}

/** The ids if every link is there as written, else null. */
async function readBack(
  connection: Connection,
  links: readonly (readonly [string, string | null])[],
  signal?: AbortSignal,
): Promise<string[] | null> {
  const ids = links.map(([id]) => id);
  const { links: found } = await readRedeemLinks(connection, ids, signal);
  const isWritten = links.every(([id, link]) => (found.get(id) ?? '') === (link ?? '').trim());
  return isWritten ? ids : null;
}
