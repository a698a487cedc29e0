import { expect, test } from '@jest/globals';
import type { OperationAsk, SeatPerson } from '../../src/domain/seats/operation.ts';
import type { SeatRow } from '../../src/store/change-seat.ts';
import { replaceCode } from '../../src/store/replace-code.ts';
import {
  type OperationRequest,
  requestOperation,
  requestOperations,
} from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { beginOperation, refuseOperation, settleOperation } from '../../src/store/settle-operation.ts';
import { showLink } from '../../src/store/show-link.ts';
import { learner, PRODUCT, SOLD_AT, sellSeats } from '../support/sold-seats.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';

const AT = new Date('2026-11-30T10:00:00.000Z');
const KIM = { kind: 'person', name: 'Kim Vale' } as const;
const DEAL = { crm: 'hubspot', account: '62515', dealId: '7001' };

function person(email: string): SeatPerson {
  return { email, firstName: null, lastName: null, contactId: null };
}

function asking(id: string, seat: SeatRow | undefined, ask: OperationAsk = { kind: 'revoke', input: {} }) {
  const request = { ...ask, id, actor: KIM, reason: 'left', at: AT } as OperationRequest;
  return seat === undefined ? request : ({ ...request, seatId: seat.id } as OperationRequest);
}

onBothEngines('a request of an operation', (open) => {
  /** The first in use, the second handed out, the third free. */
  async function sold(): Promise<{ store: SeatStore; seats: readonly SeatRow[] }> {
    const store = { db: (await open()).db, vault: testVault };
    const seats = await sellSeats(store, {
      deal: DEAL,
      codes: ['aaaa1111', 'bbbb2222', 'cccc3333'],
      learners: [learner('Ana@acme.example'), learner('ben@acme.example')],
      used: 1,
    });
    return { store, seats };
  }

  test('keeps the seat for the operation and writes who asked why, in one event', async () => {
    const { store, seats } = await sold();
    const { operation, seat, isRepeat } = await requestOperation(store, {
      ...asking('r1', seats[0]),
      version: 1,
    });
    expect(isRepeat).toBe(false);
    expect(operation).toMatchObject({
      state: 'asked',
      kind: 'revoke',
      came_from: 'redeemed',
      started_at: null,
    });
    expect(seat).toMatchObject({ state: 'removing', version: 2, operation_id: 'r1' });
    const event = await store.db
      .selectFrom('seat_events')
      .selectAll()
      .where('seat_id', '=', seat.id)
      .where('version', '=', 2)
      .executeTakeFirstOrThrow();
    expect(event).toMatchObject({ kind: 'removing', actor_name: 'Kim Vale', reason: 'left', at: AT });
    expect(event.changed).toEqual({ state: 'removing', operation_id: 'r1' });
  });

  test('is the same operation when it is sent again, and refused with other content', async () => {
    const { store, seats } = await sold();
    await requestOperation(store, asking('r1', seats[0]));
    const again = await requestOperation(store, asking('r1', seats[0]));
    expect(again).toMatchObject({ isRepeat: true, operation: { id: 'r1' } });
    const others: OperationRequest[] = [
      asking('r1', seats[1]),
      asking('r1', seats[0], { kind: 'revoke', input: { accessEndedByHand: true } }),
      asking('r1', seats[0], { kind: 'extend', input: { until: '2028-01-01T00:00:00Z' } }),
    ];
    for (const other of others) {
      await expect(requestOperation(store, other)).rejects.toMatchObject({ code: 'seat.id_used' });
    }
    const grant = { kind: 'grant', input: { to: person('cy@acme.example') } } as const;
    const freeOf = { orderId: seats[0]?.order_id ?? 0, productKey: PRODUCT };
    const first = await requestOperation(store, { ...asking('r2', undefined, grant), freeOf });
    const second = await requestOperation(store, { ...asking('r2', undefined, grant), freeOf });
    expect(second.isRepeat).toBe(true);
    expect(second.seat.id).toBe(first.seat.id);
  });

  test('hears who was faster, what they did, and when', async () => {
    const { store, seats } = await sold();
    await requestOperation(store, asking('r1', seats[0]));
    await expect(requestOperation(store, { ...asking('r2', seats[0]), version: 1 })).rejects.toMatchObject({
      code: 'seat.busy',
      message:
        'The seat is being changed: Kim Vale asked on 30 Nov 2026, 10:00 UTC to take the seat back, and that is under way',
    });
    await refuseOperation(store, 'r1', { state: 'refused', code: 'lms.rejected', message: 'no', at: AT });
    await expect(requestOperation(store, { ...asking('r3', seats[0]), version: 1 })).rejects.toMatchObject({
      code: 'seat.changed',
      message:
        'The seat is at version 3, you saw version 1: Kim Vale left the seat as it was on 30 Nov 2026, 10:00 UTC',
    });
    await expect(
      requestOperation(store, asking('r4', seats[2], { kind: 'reissue', input: { how: 'new_code' } })),
    ).rejects.toMatchObject({
      code: 'seat.wrong_state',
      message:
        'The seat is free, so Dealseat cannot issue the code again: Dealseat added the seat on 20 Nov 2026, 09:00 UTC',
    });
  });

  test('gives no person a second seat of the product, whatever the case of the address', async () => {
    const { store, seats } = await sold();
    const grant = (to: SeatPerson): OperationAsk => ({ kind: 'grant', input: { to } });
    const toAna = asking('r1', seats[2], grant(person(' ANA@acme.example')));
    await expect(requestOperation(store, toAna)).rejects.toMatchObject({ code: 'seat.learner_has_one' });
    const reassign: OperationAsk = {
      kind: 'reassign',
      input: { to: person('dee@acme.example'), by: 'code' },
    };
    await requestOperation(store, asking('r2', seats[0], reassign));
    await expect(
      requestOperation(store, asking('r3', seats[2], grant(person('Dee@acme.example')))),
    ).rejects.toMatchObject({
      code: 'seat.learner_has_one',
      message: expect.stringContaining('about to get another seat'),
    });
  });

  test('takes free seats until there is none', async () => {
    const { store, seats } = await sold();
    const freeOf = { orderId: seats[0]?.order_id ?? 0, productKey: PRODUCT };
    const grant = (id: string, email: string) => ({
      ...asking(id, undefined, { kind: 'grant', input: { to: person(email) } }),
      freeOf,
    });
    expect((await requestOperation(store, grant('r1', 'cy@acme.example'))).seat).toMatchObject({
      id: seats[2]?.id,
      state: 'granting',
      learner_key: 'cy@acme.example',
      code_id: seats[2]?.code_id,
    });
    await expect(requestOperation(store, grant('r2', 'dee@acme.example'))).rejects.toMatchObject({
      code: 'seat.none_free',
      message: `The order has 3 seats of product "${PRODUCT}", and none of them is free`,
    });
  });

  test('of several is all or nothing', async () => {
    const { store, seats } = await sold();
    await requestOperation(store, asking('r0', seats[1]));
    const several = requestOperations(store, [asking('r1', seats[0]), asking('r2', seats[1])]);
    await expect(several).rejects.toMatchObject({
      code: 'seat.busy',
      refusals: [{ index: 1, code: 'seat.busy', message: expect.stringContaining('is being changed') }],
    });
    const unknown = asking('r3', { ...seats[0], id: '00000000-0000-4000-8000-000000000000' } as SeatRow);
    const all = requestOperations(store, [unknown, asking('r1', seats[0]), { ...unknown, id: 'r4' }]);
    await expect(all).rejects.toMatchObject({
      refusals: [
        { index: 0, code: 'seat.not_found' },
        { index: 2, code: 'seat.not_found' },
      ],
    });
    const untouched = await store.db
      .selectFrom('seats')
      .select(['state', 'version'])
      .where('id', '=', seats[0]?.id ?? '')
      .executeTakeFirstOrThrow();
    expect(untouched).toEqual({ state: 'redeemed', version: 1 });
    expect(await store.db.selectFrom('operations').select('id').execute()).toEqual([{ id: 'r0' }]);
  });

  test('of an end of access must fit the one that is known', async () => {
    const { store, seats } = await sold();
    const end = (kind: 'extend' | 'shorten', until: string) =>
      requestOperation(store, asking(`${kind}-${until}`, seats[0], { kind, input: { until } }));
    // In use since the delivery, for 365 days.
    await store.db
      .updateTable('seats')
      .set({ redeemed_at: SOLD_AT })
      .where('id', '=', seats[0]?.id ?? '')
      .execute();
    await expect(end('extend', '2027-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'seat.bad_date' });
    await expect(end('shorten', '2028-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'seat.bad_date' });
    await expect(end('shorten', '2026-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'seat.bad_date' });
    await expect(end('extend', 'soon')).rejects.toMatchObject({ code: 'seat.bad_date' });
    await expect(end('extend', '2028-01-01T00:00:00Z')).resolves.toMatchObject({
      seat: { state: 'redeemed' },
    });
  });

  test('that is refused later puts the seat back, and its code stays where it was', async () => {
    const { store, seats } = await sold();
    const asks: readonly OperationAsk[] = [
      { kind: 'revoke', input: {} },
      { kind: 'reassign', input: { to: person('dee@acme.example'), by: 'access' } },
      { kind: 'grant', input: { to: person('cy@acme.example') } },
    ];
    for (const [index, ask] of asks.entries()) {
      const id = `r${index}`;
      const before = seats[index];
      await requestOperation(store, asking(id, before, ask));
      await beginOperation(store, id, AT);
      const ended = await refuseOperation(store, id, {
        state: 'refused',
        code: 'lms.rejected',
        message: 'no',
        at: AT,
      });
      expect(ended).toMatchObject({ state: 'refused', failure_code: 'lms.rejected', outcome: 'no' });
      const after = await store.db
        .selectFrom('seats')
        .selectAll()
        .where('id', '=', before?.id ?? '')
        .executeTakeFirstOrThrow();
      const { state, code_id, learner_key } = before as SeatRow;
      expect(after).toMatchObject({ state, code_id, learner_key, operation_id: null, version: 3 });
    }
  });

  test('to take a seat back goes by the code: one that nobody has seen stays with the place', async () => {
    const { store, seats } = await sold();
    const [, , free] = seats;
    await store.db
      .updateTable('seats')
      .set({ state: 'invited', learner_key: 'cy@acme.example', learner_email: 'cy@acme.example' })
      .where('id', '=', free?.id ?? '')
      .execute();
    await requestOperation(store, asking('r1', free));
    expect(await replaceCode(store, 'r1', AT)).toBe('done');
    await settleOperation(store, 'r1', AT);
    const live = await store.db
      .selectFrom('seats')
      .selectAll()
      .where('code_id', '=', free?.code_id ?? 0)
      .where('state', '<>', 'ended')
      .execute();
    expect(live).toMatchObject([{ state: 'free', learner_key: null, operation_id: null }]);
    const code = await store.db
      .selectFrom('codes')
      .select('state')
      .where('id', '=', free?.code_id ?? 0)
      .executeTakeFirstOrThrow();
    expect(code.state).toBe('sealed');
  });

  test('a link is shown to be passed on, and that is on record', async () => {
    const { store, seats } = await sold();
    const shown = { actor: KIM, reason: 'lost the mail', at: AT };
    const link = await showLink(store, { id: 'k1', seatId: seats[1]?.id ?? '', ...shown });
    expect(link).toBe('https://learn.vendor.example/redeem/bbbb2222');
    const [entry] = await store.db.selectFrom('audit_log').selectAll().execute();
    expect(entry).toMatchObject({ what: 'link shown', actor_name: 'Kim Vale' });
    await expect(showLink(store, { id: 'k2', seatId: seats[2]?.id ?? '', ...shown })).rejects.toMatchObject({
      code: 'seat.wrong_state',
    });
  });
});
