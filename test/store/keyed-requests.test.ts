import { expect, test } from '@jest/globals';
import { decideLateRedemption } from '../../src/store/decide-late.ts';
import { exportSeatsWithCodes } from '../../src/store/export-seats.ts';
import { reportFinding } from '../../src/store/findings.ts';
import { forgetRequests } from '../../src/store/keyed-request.ts';
import { LATE_REDEMPTION, lateRedemptionKey } from '../../src/store/late-redemptions.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { showLink } from '../../src/store/show-link.ts';
import { learner, sellSeats } from '../support/sold-seats.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault as vault } from '../support/test-vault.ts';

const AT = new Date('2026-11-30T10:00:00.000Z');
const KIM = { kind: 'person', name: 'Kim Vale' } as const;
const ANA = { kind: 'api', name: 'Ana, support' } as const;
const why = { actor: KIM, reason: 'the customer agreed', at: AT };

onBothEngines('what is asked under an idempotency key', (open) => {
  /** Those of learners are handed out, the others free. */
  async function sold(learners = [learner('ana@acme.example')]) {
    const store: SeatStore = { db: (await open()).db, vault };
    const seats = await sellSeats(store, {
      deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
      codes: ['aaaa1111', 'bbbb2222', 'cccc3333'],
      learners,
    });
    return { store, ids: seats.map(({ id }) => id), orderId: seats[0]?.order_id ?? 0 };
  }

  const audited = async ({ db }: SeatStore) =>
    (await db.selectFrom('audit_log').select(['what', 'detail']).orderBy('seq').execute()).map(
      ({ what, detail }) => [what, detail.isRepeat ?? null],
    );

  test('an export of free seats that is asked for again has the seats that the first one handed out', async () => {
    const { store, orderId } = await sold();
    const asking = (id: string) => exportSeatsWithCodes(store, { orderId, states: ['free'] }, { ...why, id });
    const first = await asking('k1');
    expect(first.seats.map(({ code }) => code).sort()).toEqual(['bbbb2222', 'cccc3333']);
    expect(await asking('k1')).toEqual(first);
    expect((await asking('k2')).seats).toEqual([]);
    expect(await audited(store)).toEqual([
      ['codes exported', false],
      ['codes exported', true],
      ['codes exported', false],
    ]);
    const events = await store.db
      .selectFrom('seat_events')
      .selectAll()
      .where('kind', '=', 'exposed')
      .execute();
    expect(events).toHaveLength(2);
  });

  test('a link that is asked for again is shown again, and that is on record', async () => {
    const { store, ids } = await sold();
    const asking = (id: string, seatId = ids[0] ?? '') => showLink(store, { ...why, id, seatId });
    expect(await asking('k1')).toBe(await asking('k1'));
    await expect(asking('k1', ids[1])).rejects.toMatchObject({ code: 'seat.id_used' });
    expect(await audited(store)).toEqual([
      ['link shown', false],
      ['link shown', true],
    ]);
  });

  test('nothing of what was asked stands in clear beside the key', async () => {
    const { store, ids } = await sold();
    await showLink(store, { ...why, id: 'k1', seatId: ids[0] ?? '' });
    const rows = await store.db.selectFrom('requests').selectAll().execute();
    expect(rows).toMatchObject([{ id: 'k1', what: 'link', asked_at: AT, progress: null }]);
    expect(JSON.stringify(rows)).not.toContain(ids[0]);
  });

  test('what was asked long ago is forgotten, and its key may be used for something else', async () => {
    const { store, ids } = await sold([learner('ana@acme.example'), learner('bo@acme.example')]);
    const [first = '', second = ''] = ids;
    await showLink(store, { ...why, id: 'k1', seatId: first });
    await showLink(store, { ...why, id: 'k2', seatId: first, at: new Date(AT.getTime() + 1) });
    await forgetRequests(store, { before: new Date(AT.getTime() + 1) });
    await showLink(store, { ...why, id: 'k1', seatId: second });
    await expect(showLink(store, { ...why, id: 'k2', seatId: second })).rejects.toMatchObject({
      code: 'seat.id_used',
    });
  });

  test.each(['', 'a b', 'x'.repeat(101)])('%j is no key', async (id) => {
    const { store, ids } = await sold();
    await expect(showLink(store, { ...why, id, seatId: ids[0] ?? '' })).rejects.toMatchObject({
      code: 'seat.id_used',
    });
  });
});

onBothEngines('a decision about a late redemption', (open) => {
  async function late() {
    const store: SeatStore = { db: (await open()).db, vault };
    const [seat] = await sellSeats(store, {
      deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
      codes: ['aaaa1111'],
    });
    const seatId = seat?.id ?? '';
    await reportFinding(
      store.db,
      {
        key: lateRedemptionKey(seat?.code_id ?? 0),
        order_id: seat?.order_id ?? 0,
        seat_id: seatId,
        kind: LATE_REDEMPTION,
        text: 'A learner redeemed a code',
        cure: 'Settle it.',
      },
      AT,
    );
    const decide = (id: string, decision: 'keep' | 'end' | 'count', actor: typeof KIM | typeof ANA = KIM) =>
      decideLateRedemption(store, { ...why, id, seatId, decision, actor });
    const finding = () => store.db.selectFrom('findings').selectAll().executeTakeFirstOrThrow();
    /** As the sync does that could not do what was decided. */
    const askAnew = () => store.db.updateTable('findings').set({ notified_at: AT }).execute();
    return { store, decide, finding, askAnew };
  }

  test.each(['keep', 'end', 'count'] as const)(
    'that is made again (%s), by the same key or another one, changes nothing',
    async (decision) => {
      const { store, decide, finding } = await late();
      await decide('k1', decision);
      const before = await finding();
      await decide('k1', decision);
      await decide('k2', decision, ANA);
      expect(await finding()).toEqual(before);
      expect(await store.db.selectFrom('audit_log').selectAll().execute()).toHaveLength(1);
    },
  );

  test('another one after it is refused, with who decided what and when', async () => {
    const { decide, finding } = await late();
    await decide('k1', 'end', ANA);
    const before = await finding();
    await expect(decide('k2', 'keep')).rejects.toMatchObject({
      code: 'seat.wrong_state',
      message: 'Ana, support decided on 30 Nov 2026, 10:00 UTC that the access ends',
    });
    await expect(decide('k1', 'keep')).rejects.toMatchObject({ code: 'seat.id_used' });
    expect(await finding()).toEqual(before);
  });

  test('that could not be carried out may be made anew', async () => {
    const { decide, finding, askAnew } = await late();
    await decide('k1', 'end');
    await askAnew();
    await decide('k2', 'keep', ANA);
    expect(await finding()).toMatchObject({ decision: 'keep', resolved_at: AT });
    await expect(decide('k3', 'end')).rejects.toThrow('Ana, support decided on');
  });

  test('where the rule of the catalog has settled it, or nothing is to be decided, is refused', async () => {
    const { store, decide } = await late();
    await store.db.updateTable('findings').set({ resolved_at: AT }).execute();
    await expect(decide('k1', 'keep')).rejects.toThrow(
      'Dealseat settled it by the rule of the catalog on 30 Nov 2026, 10:00 UTC',
    );
    await store.db.deleteFrom('findings').execute();
    await expect(decide('k1', 'keep')).rejects.toMatchObject({ code: 'seat.wrong_state' });
  });
});
