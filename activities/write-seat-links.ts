import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { createCodeFinder, withSeats } from '../src/domain/seats/link-field.ts';
import { noteLinksWritten, readSeatLinks, type SeatLinks } from '../src/store/seat-links.ts';
import { requireSeen } from './carried-links.ts';
import { crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { editLinks } from './edit-links.ts';
import type { OperationDeps } from './operation-deps.ts';

/** The fields of the contacts follow the store: the old holder loses the link, the new one gets theirs. */
export function writeSeatLinks(deps: OperationDeps): SeatOperationActivities['writeLinks'] {
  return async ({ operationId }) => {
    const now = () => new Date(deps.now());
    const links = await readSeatLinks(deps.seats, operationId, now());
    if (links === null) return { isWritten: false };
    await write(deps, links);
    await noteLinksWritten(deps.seats, operationId, now());
    return { isWritten: true };
  };
}

async function write(deps: OperationDeps, { deal, drop, put }: SeatLinks): Promise<void> {
  const crm = crmOf(deps, deal);
  const wanted = [...new Set([drop?.contactId, put?.contactId].filter((id) => id !== undefined))];
  const { links: current, unseen } = await crm.readRedeemLinks(wanted, cancellationSignal());
  // A contact that is gone carries nothing.
  requireSeen(
    wanted.filter((id) => id === put?.contactId || unseen.get(id) === 'hidden'),
    unseen,
  );
  const seats = [drop?.seat, put?.seat].filter((seat) => seat !== undefined);
  const findCode = createCodeFinder(
    new Set(seats.map(({ code }) => code)),
    seats.map(({ template }) => template),
  );
  const contactIds = wanted.filter((id) => !unseen.has(id));
  await editLinks(crm, { contactIds, current }, (field, id) =>
    withSeats(field, put !== null && id === put.contactId ? [put.seat] : [], findCode),
  );
}
