import type { Crm } from '../src/clients/crm.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/** More than two runs seldom meet at one contact. */
const MAX_ROUNDS = 5;

interface Fields {
  readonly contactIds: readonly string[];
  /** As just read, where the caller has them. */
  readonly current?: ReadonlyMap<string, string>;
}

type Edit = (field: string, contactId: string) => string;

/**
 * Changes the link fields of contacts. Runs of other deals write the same fields, and neither CRM can write a field only
 * if it still has its old value: so each write is read back and made again where the change is not in it. `edit` gives a
 * field back as it is when there is nothing to change. A cancel ends the readings, never a write.
 */
export async function editLinks(crm: Crm, { contactIds, current }: Fields, edit: Edit): Promise<void> {
  const fields = current ?? (await crm.readRedeemLinks(contactIds, cancellationSignal())).links;
  let changes = changesOf(contactIds, fields, edit);
  for (let round = 1; changes.size > 0; round += 1) {
    if (round > MAX_ROUNDS) throw unsteady([...changes.keys()]);
    await crm.writeRedeemLinks(changes);
    const written = [...changes.keys()];
    const { links } = await crm.readRedeemLinks(written, cancellationSignal());
    changes = changesOf(written, links, edit);
  }
}

function changesOf(
  contactIds: readonly string[],
  fields: ReadonlyMap<string, string>,
  edit: Edit,
): ReadonlyMap<string, string | null> {
  const changes = new Map<string, string | null>();
  for (const id of contactIds) {
    const field = fields.get(id) ?? '';
    const wanted = edit(field, id);
    if (wanted !== field) changes.set(id, wanted === '' ? null : wanted);
  }
  return changes;
}

function unsteady(contactIds: readonly string[]): DealseatError {
  return new DealseatError({
    code: 'crm.conflict',
    message: `The redeem-link field of contact ${contactIds[0]} (one of ${contactIds.length}) was written ${MAX_ROUNDS} times and does not stay as written: look for a workflow or flow of the CRM that changes it`,
  });
}
