import { changeKept, isOpen, lockOperation } from './operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** The platform has the new end of access. */
export async function noteAccessEnd(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  { until, at }: { readonly until: string; readonly at: Date },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (seat === null || !isOpen(operation)) return;
    const set = { access_until: new Date(until).toISOString(), operation_id: null };
    await changeKept(trx, operation, seat, { kind: 'access_changed', set, at });
  });
}

interface Granted {
  readonly userId: string;
  readonly until: Date | null;
  readonly at: Date;
}

/** The person has access without a code: the sealed one goes back to the spare ones. */
export async function noteGranted(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  { userId, until, at }: Granted,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (seat === null || !isOpen(operation) || seat.state !== 'granting') return;
    await changeKept(trx, operation, seat, {
      kind: 'granted',
      set: {
        state: 'redeemed',
        code_id: null,
        redeemed_at: at.toISOString(),
        redeemer_user_id: userId,
        ...(until === null ? {} : { access_until: until.toISOString() }),
        operation_id: null,
      },
      at,
    });
  });
}
