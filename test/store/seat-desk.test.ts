import { beforeAll, describe, expect, test } from '@jest/globals';
import { type NudgeRule, nudgeKey } from '../../src/domain/seats/nudges.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { changeSeat, replaceSeat } from '../../src/store/change-seat.ts';
import { claimNudges } from '../../src/store/claim-nudges.ts';
import { settleNudge } from '../../src/store/claimed-nudge.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { ACME, deskOf, FILLED_CODES, fillStore, INITECH, LATER } from '../support/filled-store.ts';
import { onceOnBothEngines } from '../support/store.ts';

onceOnBothEngines('the desk of seats', (open) => {
  let store: SeatStore;
  let desk: SeatDesk;

  beforeAll(async () => {
    store = await fillStore(await open());
    desk = deskOf(store, () => LATER.getTime());
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

    test('come with the reminders of the deal: those to come by the rules of the catalog, and those that were due', async () => {
      const rule: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer'] };
      const knowing = (rules: readonly NudgeRule[], now = LATER) =>
        deskOf(store, () => now.getTime(), undefined, {
          rules,
          tools: { hubspot: { via: 'list', writesToPeople: false } },
        });
      expect((await knowing([rule]).seatsOf(ACME)).nudges).toEqual([]);
      const ofAcme = { deal_id: ACME.dealId, crm: ACME.crm };
      const { id } = await store.db
        .updateTable('orders')
        .set({ delivered_at: LATER })
        .where(({ and }) => and(ofAcme))
        .returning('id')
        .executeTakeFirstOrThrow();
      expect((await desk.seatsOf(ACME)).nudges).toEqual([]);
      const { order, nudges } = await knowing([rule]).seatsOf(ACME);
      expect(nudges).toMatchObject([
        { rule: nudgeKey(rule), state: 'due', settledAt: null, mail: null, task: null, isInCatalog: true },
      ]);
      expect(nudges[0]?.text).toMatch(/^Due on .* list cannot remind the buyer\. The owner gets a task/);
      const dueAt = new Date(nudges[0]?.dueAt ?? '');
      expect(dueAt.getTime() - Date.parse(order.deliveredAt ?? '')).toBe(7 * 86_400_000);
      const hold = { at: dueAt, heldUntil: dueAt };
      await claimNudges(store.db, id, { rules: [rule], ...hold });
      expect((await knowing([rule], dueAt).seatsOf(ACME)).nudges).toMatchObject([{ state: 'in_doubt' }]);
      await settleNudge(
        store.db,
        { orderId: id, rule: nudgeKey(rule) },
        { state: 'sent', mail: 'impossible', via: 'list', why: null, task: 'open', stopped: null, at: dueAt },
      );
      const mail = { is: 'impossible', via: 'list' };
      const settled = { state: 'task', settledAt: dueAt.toISOString(), mail, task: 'open' };
      expect((await knowing([rule]).seatsOf(ACME)).nudges).toMatchObject([{ ...settled, isInCatalog: true }]);
      expect((await knowing([]).seatsOf(ACME)).nudges).toMatchObject([{ ...settled, isInCatalog: false }]);
      expect((await desk.seatsOf(ACME)).nudges).toMatchObject([{ ...settled, isInCatalog: null }]);
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

  describe('an export', () => {
    test('has a row for each seat and no code, and changes nothing', async () => {
      const { csv, seatCount, codeCount } = await desk.exportSeats(INITECH);
      expect([seatCount, codeCount]).toEqual([1, 0]);
      const [head, row] = csv.trimEnd().split('\r\n');
      expect(head).toBe(
        '\ufeffcode,redeem_url,content,group_label,expires_at,access,state,holder_email,holder_name,since,redeemed_at,redeemed_by,access_until,seat',
      );
      expect(row).toMatch(
        /^,,Leadership Essentials,initech-lead,,365 days from redemption,Handed out,ana@example\.com,,2026-11-25T10:00:00\.000Z,,,,[0-9a-f-]{36}$/,
      );
      expect(csv).not.toMatch(FILLED_CODES);
    });

    test('with codes counts those seats as handed out, and notes who asked and why', async () => {
      const actor = { kind: 'person', name: 'kim' } as const;
      const asked = {
        productKey: 'manager-path',
        codes: { id: 'k1', actor, reason: 'the buyer lost the roster' },
      };
      const { csv, codeCount, exposedCount } = await desk.exportSeats(ACME, asked);
      expect([codeCount, exposedCount]).toEqual([3, 3]);
      expect(csv).toContain('ACME-PATH-1,https://learn.example.com/redeem/ACME-PATH-1,Manager Path');
      const { order, seats } = await desk.seatsOf(ACME, { productKey: 'manager-path' });
      expect(order.products[1]?.counts).toEqual({ sold: 3, used: 0, reserved: 3, free: 0 });
      expect(seats.map(({ state, codeState }) => [state, codeState])).toEqual(
        Array(3).fill(['exposed', 'handed_out']),
      );
      const { events } = await desk.history(seats[0]?.id ?? '');
      expect(events.at(-1)).toMatchObject({
        text: 'kim handed the code out',
        reason: 'the buyer lost the roster',
      });
      const log = await store.db.selectFrom('audit_log').selectAll().execute();
      expect(log).toMatchObject([
        { actor_name: 'kim', what: 'codes exported', detail: { seats: 3, codes: 3, exposed: 3 } },
      ]);
      expect(JSON.stringify([log, events])).not.toMatch(FILLED_CODES);
      expect(await desk.exportSeats(ACME, asked)).toMatchObject({ csv, exposedCount: 3 });
      const anew = { ...asked, codes: { ...asked.codes, id: 'k2' } };
      expect((await desk.exportSeats(ACME, anew)).exposedCount).toBe(0);
    });

    test('disarms what a spreadsheet would run, and what breaks a line', async () => {
      await store.db
        .updateTable('seats')
        .set({ learner_name: '=HYPERLINK("http://evil")\r\n\u001b[2J' })
        .where('learner_email', '=', 'ana@example.com')
        .execute();
      const { csv } = await desk.exportSeats(INITECH);
      expect(csv.trimEnd().split('\r\n')).toHaveLength(2);
      expect(csv).toContain(`"'=HYPERLINK(""http://evil"") [2J"`);
    });
  });

  describe('an operation', () => {
    const about = { actor: { kind: 'person', name: 'kim' }, reason: 'left the company' } as const;

    test('is on record with who asked and why, once for each id, and is refused for a seat that was changed since', async () => {
      const [seat] = (await desk.find({ text: 'ana@example.com' })).seats;
      const { id = '', version = 0 } = seat ?? {};
      const ask = {
        ...about,
        id: 'op-1',
        act: { kind: 'revoke', input: {} },
        seat: { id, version },
      } as const;
      const asked = await desk.ask(ask);
      expect(asked).toMatchObject({
        id: 'op-1',
        kind: 'revoke',
        seatId: id,
        state: 'asked',
        isOver: false,
        askedBy: 'kim',
        reason: 'left the company',
        askedAt: LATER.toISOString(),
      });
      expect(await desk.ask(ask)).toEqual(asked);
      expect(await desk.operation('op-1')).toEqual(asked);
      await expect(desk.ask({ ...ask, id: 'op-2' })).rejects.toMatchObject({ code: 'seat.busy' });
      const { seat: kept, events } = await desk.history(id);
      expect([kept.state, kept.operationId]).toEqual(['removing', 'op-1']);
      expect(events.at(-1)?.text).toBe('kim began to take the access away');
    });

    test('may take any free seat of a product', async () => {
      const to = { email: 'newcomer@example.com', firstName: 'New', lastName: 'Comer', contactId: null };
      const asked = await desk.ask({
        ...about,
        id: 'op-3',
        act: { kind: 'grant', input: { to } },
        seat: { deal: ACME, productKey: 'leadership-essentials' },
      });
      const { seat } = await desk.history(asked.seatId);
      expect(seat).toMatchObject({
        state: 'granting',
        holder: { email: 'newcomer@example.com', name: 'New Comer' },
      });
    });

    test('that nobody asked for is a question with a wrong id', async () => {
      await expect(desk.operation('nothing')).rejects.toMatchObject({ code: 'seats.unknown_operation' });
      await expect(desk.retryOperation('nothing')).rejects.toMatchObject({ code: 'seats.unknown_operation' });
    });
  });
});
