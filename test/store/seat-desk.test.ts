import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { createStoreDesk } from '../../src/seats/store-desk.ts';
import { changeSeat, replaceSeat } from '../../src/store/change-seat.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { ACME, FILLED_CODES, fillStore, LATER } from '../support/filled-store.ts';
import { onceOnBothEngines } from '../support/store.ts';

onceOnBothEngines('the desk of seats', (open) => {
  let store: SeatStore;
  let desk: SeatDesk;

  beforeAll(async () => {
    store = await fillStore(await open());
    desk = createStoreDesk(store);
  });

  describe('the seats of an order', () => {
    test('come with counts that add up, for all and for each product', async () => {
      const { order, seats, next } = await desk.seatsOf(ACME);
      expect(order).toMatchObject({
        dealName: 'Acme leadership rollout',
        companyName: 'Acme Corp',
        mergedInto: null,
      });
      expect(order.counts).toEqual({ sold: 8, used: 0, reserved: 2, free: 6 });
      expect(order.products.map(({ title, counts }) => [title, counts.sold])).toEqual([
        ['Leadership Essentials', 5],
        ['Manager Path', 3],
      ]);
      expect(seats).toHaveLength(8);
      expect(next).toBeNull();
    });

    test('come page by page, each once', async () => {
      const ids: string[] = [];
      let cursor: string | undefined;
      for (;;) {
        const page = await desk.seatsOf(ACME, { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.seats.map(({ id }) => id));
        if (page.next === null) break;
        cursor = page.next;
      }
      expect(ids).toHaveLength(8);
      expect(new Set(ids).size).toBe(8);
    });

    test('of some states and one product only', async () => {
      const handedOut = await desk.seatsOf(ACME, { states: ['exposed'] });
      expect(handedOut.seats.map(({ holder }) => holder?.email).sort()).toEqual([
        'Ana@Example.com',
        'kim@example.com',
      ]);
      const path = await desk.seatsOf(ACME, { productKey: 'manager-path' });
      expect(path.seats).toHaveLength(3);
    });

    test('of a deal that was never delivered are a question with a wrong deal', async () => {
      await expect(desk.seatsOf({ ...ACME, dealId: '4711' })).rejects.toMatchObject({
        code: 'seats.unknown_deal',
      });
    });

    test.each(['nonsense', '', Buffer.from('["a"]').toString('base64url')])(
      'refuse the cursor %j',
      async (cursor) => {
        await expect(desk.seatsOf(ACME, { cursor })).rejects.toMatchObject({
          code: 'seats.cursor_invalid',
        });
      },
    );
  });

  describe('find', () => {
    test.each([
      ['an address in any letter case', 'ANA@example.com ', 'email', 2],
      ['a code', 'ACME-LEAD-0', 'code', 1],
      ['a redeem link', 'https://learn.example.com/redeem/ACME-PATH-2?utm=x', 'code', 1],
      ['a wrong code', 'ACME-LEAD-9', null, 0],
      ['a wrong address', 'nobody@example.com', null, 0],
      ['nothing', '  ', null, 0],
    ])('by %s', async (_, text, by, count) => {
      const found = await desk.find({ text });
      expect([found.by, found.seats.length]).toEqual([by, count]);
    });

    test.each([
      ['a label', 'acme-lead', 'label', ['9001']],
      ['a part of a company, in any letter case', 'ACME c', 'company', ['9001']],
      ['a part of a deal, taken as it stands', '100%', 'company', ['0065Y00001Suvw6QAB']],
      ['a part that several have, newest first', 'o', 'company', ['0065Y00001Suvw6QAB', '9001']],
      ['a pattern that is none', 'a_me', null, []],
    ])('by %s', async (_, text, by, deals) => {
      const found = await desk.find({ text });
      expect([found.by, found.orders.map(({ dealId }) => dealId)]).toEqual([by, deals]);
    });

    test('by address shows whose seat was used by whom', async () => {
      const [seat] = (await desk.find({ text: 'kim@example.com' })).seats;
      await store.db.transaction().execute((trx) =>
        changeSeat(trx, {
          seatId: seat?.id ?? '',
          version: seat?.version ?? 0,
          kind: 'redeemed',
          actor: { kind: 'platform', name: null },
          at: LATER,
          set: {
            state: 'redeemed',
            redeemed_at: LATER,
            redeemer_email: 'Kim.Private@Example.com',
            used_by_other: true,
          },
        }),
      );
      const found = await desk.find({ text: 'kim.private@example.com', by: 'email' });
      expect(found.seats).toMatchObject([
        { id: seat?.id, stateText: 'In use', usedByOther: true, holder: { email: 'kim@example.com' } },
      ]);
    });

    test('comes page by page', async () => {
      const first = await desk.find({ text: 'ana@example.com', limit: 1 });
      expect(first.seats).toMatchObject([{ crm: 'salesforce' }]);
      const second = await desk.find({
        text: 'ana@example.com',
        by: 'email',
        limit: 1,
        cursor: first.next ?? '',
      });
      expect(second).toMatchObject({ seats: [{ crm: 'hubspot' }], next: null });
    });
  });

  test('no view has a code in it', async () => {
    const { seats, ...order } = await desk.seatsOf(ACME);
    const histories = await Promise.all(seats.map(({ id }) => desk.history(id)));
    const found = await desk.find({ text: 'ACME-LEAD-0' });
    expect(JSON.stringify({ seats, order, histories, found })).not.toMatch(FILLED_CODES);
  });

  describe('the history of a seat', () => {
    test('names who did what and why, oldest first, and the seats before and after', async () => {
      const [, seat] = (await desk.find({ text: 'ana@example.com' })).seats;
      const replaced = await store.db.transaction().execute((trx) =>
        replaceSeat(trx, {
          seatId: seat?.id ?? '',
          version: seat?.version ?? 0,
          kind: 'ended',
          actor: { kind: 'person', name: 'kim' },
          reason: 'left the company',
          at: LATER,
          set: { state: 'ended', ended_why: 'revoked' },
          next: { state: 'free' },
        }),
      );
      const history = await desk.history((seat?.id ?? '').slice(0, 13));
      expect(history.seat).toMatchObject({ stateText: 'Ended: removed', nextSeatId: replaced?.next.id });
      expect(history.events.map(({ text, reason }) => [text, reason])).toEqual([
        ['Dealseat added the seat (handed out), for Ana@Example.com', null],
        ['kim ended the seat: removed', 'left the company'],
      ]);
      const next = await desk.history(replaced?.next.id ?? '');
      expect(next).toMatchObject({
        previousSeatId: seat?.id,
        seat: { state: 'free', productTitle: 'Leadership Essentials' },
      });
    });

    test.each(['abc', 'no-id', '00000000'])('of the id %j is a question with a wrong id', async (id) => {
      await expect(desk.history(id)).rejects.toMatchObject({ code: 'seats.unknown_seat' });
    });
  });
});
