import { describe, expect, it } from '@jest/globals';
import { openMemory } from './memory.ts';
import { requestOperation, requestOperations } from '../../src/store/request-operation.ts';
import { addSeats, changeSeat, type SeatRow } from '../../src/store/change-seat.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { learnerColumns, fillGroup, upsertOrder } from '../../src/store/fill-order.ts';

describe('a request of an operation', () => {
  it('works', async () => {
    const store = await openMemory();
    const at = new Date('2026-11-30T10:00:00Z');
    await store.db.transaction().execute(async (trx) => {
      const order = await upsertOrder(trx, { deal: { crm: 'hubspot', account: '1', dealId: '2' }, dealName: 'd', dealUrl: 'u', companyName: null, ownerId: null, buyerContactId: null, audience: 'learners' }, at);
      await fillGroup(trx, store.vault, order, { token: 'dabc', platform: 'ti', groupId: 'g1', label: 'x-dabc', productKey: 'p', title: 'P', part: 1, redeemUrl: 'https://x/redeem/{code}', client: null, codesExpireAt: null, accessDays: 30, accessUntil: null, grants: { courses: ['c1'], learningPaths: [], bundles: [], licenses: [] },
        codes: [
          { code: 'aaaa', isRedeemed: true, isWithdrawn: false, isHandedOut: true, learner: { contactId: '7', email: 'A@x.example', name: 'A' } },
          { code: 'bbbb', isRedeemed: false, isWithdrawn: false, isHandedOut: false, learner: null },
        ] }, { actor: DEALSEAT, at });
    });
    const seats = await store.db.selectFrom('seats').selectAll().orderBy('state').execute();
    const [free, used] = seats as [SeatRow, SeatRow];
    const actor = { kind: 'person', name: 'Kim Vale' } as const;
    const ask = { id: 'r1', kind: 'revoke', input: {}, seatId: used.id, version: 1, actor, reason: 'left', at } as const;
    const asked = await requestOperation(store, ask);
    expect(asked.seat).toMatchObject({ state: 'removing', version: 2, operation_id: 'r1' });
    expect((await requestOperation(store, ask)).isRepeat).toBe(true);
    await expect(requestOperation(store, { ...ask, kind: 'extend', input: { until: '2027-01-01' } })).rejects.toMatchObject({ code: 'seat.id_used' });
    await expect(requestOperation(store, { ...ask, id: 'r2' })).rejects.toMatchObject({ code: 'seat.busy', message: 'The seat is being changed: Kim Vale asked on 30 Nov 2026, 10:00 UTC to take the seat back, and that is under way' });
    const to = { email: 'b@x.example', firstName: 'B', lastName: null, contactId: null };
    await expect(requestOperation(store, { ...ask, id: 'r3', kind: 'grant', input: { to: {...to, email: 'a@x.example'} }, seatId: free.id })).rejects.toMatchObject({ code: 'seat.learner_has_one' });
    const granted = await requestOperation(store, { id: 'r4', kind: 'grant', input: { to }, freeOf: { orderId: used.order_id, productKey: 'p' }, actor, reason: null, at });
    expect(granted.seat).toMatchObject({ state: 'granting', learner_key: 'b@x.example' });
    await expect(requestOperation(store, { id: 'r5', kind: 'grant', input: { to: {...to, email: 'c@x.example'} }, freeOf: { orderId: used.order_id, productKey: 'p' }, actor, reason: null, at })).rejects.toMatchObject({ code: 'seat.none_free' });
  });
});
