import { beforeEach, expect, test } from '@jest/globals';
import { changeSeat } from '../../src/store/change-seat.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import { type HeardRedemption, recordRedemptions } from '../../src/store/record-redemptions.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { onBothEngines, onPostgresql } from '../support/store.ts';
import { fillOrder } from './filled-order.ts';

const vault = new CodeVault([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }]);

const NOW = new Date('2026-11-25T12:00:00.000Z');

function heard(code: string, more: Partial<HeardRedemption> = {}): HeardRedemption {
  return {
    platform: 'ti',
    code,
    from: 'event',
    redeemedAt: '2026-11-25T11:00:00.000Z',
    userId: 'u-1',
    email: 'Mia@Acme.example',
    ...more,
  };
}

const LISTED = { from: 'list', redeemedAt: null, userId: null, email: null } as const;

onBothEngines('Redemptions', (open) => {
  let store: SeatStore;

  beforeEach(async () => {
    store = { db: (await open()).db, vault };
  });

  const seatsOf = (orderId: number) =>
    store.db
      .selectFrom('seats')
      .selectAll()
      .where('order_id', '=', orderId)
      .orderBy('created_at')
      .orderBy('code_id')
      .execute();
  const eventsOf = async (seatId: string | undefined) =>
    (
      await store.db
        .selectFrom('seat_events')
        .select(['kind', 'actor_kind'])
        .where('seat_id', '=', seatId ?? '')
        .orderBy('seq')
        .execute()
    ).map(({ kind, actor_kind }) => `${kind} by ${actor_kind}`);
  const findings = () => store.db.selectFrom('findings').selectAll().orderBy('id').execute();

  test('a redemption makes the seat used, with who and when, and the end of access that the group gives', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }, { code: 'c2' }] });
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toEqual({
      recorded: 1,
      completed: 0,
      known: 0,
      foreign: 0,
      late: 0,
    });
    const [first, second] = await seatsOf(order);
    expect(first).toMatchObject({
      state: 'redeemed',
      redeemed_at: new Date('2026-11-25T11:00:00.000Z'),
      redeemer_user_id: 'u-1',
      redeemer_email: 'Mia@Acme.example',
      learner_email: 'Mia@Acme.example',
      learner_key: 'mia@acme.example',
      access_until: new Date('2027-11-25T11:00:00.000Z'),
      used_by_other: false,
    });
    expect(second?.state).toBe('exposed');
    expect(await eventsOf(first?.id)).toEqual(['created by system', 'redeemed by platform']);
    const codes = await store.db.selectFrom('codes').select(['state', 'redeemed_at']).orderBy('id').execute();
    expect(codes).toEqual([
      { state: 'redeemed', redeemed_at: new Date('2026-11-25T11:00:00.000Z') },
      { state: 'handed_out', redeemed_at: null },
    ]);
  });

  test('a redemption that is heard again, from the same source or another one, is counted once', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }] });
    await recordRedemptions(store, [heard('c1'), heard('c1')], NOW);
    const [before] = await seatsOf(order);
    for (const again of [heard('c1'), heard('c1', { from: 'webhook' }), heard('c1', LISTED)]) {
      expect(await recordRedemptions(store, [again], NOW)).toMatchObject({ recorded: 0, known: 1 });
    }
    const [after] = await seatsOf(order);
    expect(after).toEqual(before);
  });

  test('at the same moment from three sources, it is counted once', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }] });
    const counts = await Promise.all(
      [heard('c1'), heard('c1', { from: 'webhook' }), heard('c1', LISTED)].map((one) =>
        recordRedemptions(store, [one], NOW),
      ),
    );
    expect(counts.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(1);
    expect((await seatsOf(order))[0]).toMatchObject({ state: 'redeemed', redeemer_user_id: 'u-1' });
  });

  test('an event completes what the list of codes did not say', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }] });
    await recordRedemptions(store, [heard('c1', LISTED)], NOW);
    expect((await seatsOf(order))[0]).toMatchObject({
      state: 'redeemed',
      redeemed_at: null,
      access_until: null,
      learner_email: null,
    });
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toMatchObject({ recorded: 0, completed: 1 });
    expect((await seatsOf(order))[0]).toMatchObject({
      redeemed_at: new Date('2026-11-25T11:00:00.000Z'),
      redeemer_user_id: 'u-1',
      learner_key: 'mia@acme.example',
      access_until: new Date('2027-11-25T11:00:00.000Z'),
    });
    expect(await recordRedemptions(store, [heard('c1', LISTED)], NOW)).toMatchObject({ known: 1 });
  });

  test('of a seat that was redeemed before the store was filled, the list says nothing new and the event does', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1', isRedeemed: true }] });
    expect(await recordRedemptions(store, [heard('c1', LISTED)], NOW)).toMatchObject({ known: 1 });
    expect(await store.db.selectFrom('redemptions').selectAll().execute()).toEqual([]);
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toMatchObject({ completed: 1, late: 0 });
    expect((await seatsOf(order))[0]).toMatchObject({ redeemer_user_id: 'u-1', state: 'redeemed' });
  });

  test('a group that names the last day of access decides the end, whenever it was redeemed', async () => {
    const until = '2027-06-30T23:59:59.000Z';
    const order = await fillOrder(store, {
      group: { accessDays: null, accessUntil: until },
      codes: [{ code: 'c1' }],
    });
    await recordRedemptions(store, [heard('c1', LISTED)], NOW);
    expect((await seatsOf(order))[0]?.access_until).toEqual(new Date(until));
  });

  const MIA = { contactId: '601', email: 'mia@acme.example', name: 'Mia Berg' };

  test('the holder in another spelling of the address is the holder', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1', learner: MIA }] });
    await recordRedemptions(store, [heard('c1', { email: ' MIA@acme.example ' })], NOW);
    expect((await seatsOf(order))[0]).toMatchObject({ used_by_other: false, learner_name: 'Mia Berg' });
  });

  test('somebody else than the holder is flagged, and neither refused nor made the holder', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1', learner: MIA }] });
    await recordRedemptions(store, [heard('c1', { email: 'max@acme.example' })], NOW);
    const [seat] = await seatsOf(order);
    expect(seat).toMatchObject({
      state: 'redeemed',
      used_by_other: true,
      learner_email: 'mia@acme.example',
      redeemer_email: 'max@acme.example',
    });
    expect(await eventsOf(seat?.id)).toEqual([
      'created by system',
      'redeemed by platform',
      'flagged by platform',
    ]);
    await recordRedemptions(store, [heard('c1', { email: 'max@acme.example' })], NOW);
    expect(await eventsOf(seat?.id)).toHaveLength(3);
  });

  test('a learner who redeems two codes of one product has one seat, uses two, and is a finding', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }, { code: 'c2' }] });
    await recordRedemptions(store, [heard('c1'), heard('c2')], NOW);
    const [first, second] = await seatsOf(order);
    expect(first?.learner_key).toBe('mia@acme.example');
    expect(second).toMatchObject({ state: 'redeemed', learner_key: null, redeemer_user_id: 'u-1' });
    expect(await findings()).toMatchObject([{ kind: 'two_seats', seat_id: second?.id, order_id: order }]);
  });

  test('codes of other groups of the tenant leave nothing in the store', async () => {
    await fillOrder(store, { codes: [{ code: 'c1' }] });
    const counts = await recordRedemptions(store, [heard('other'), heard('c1', { platform: 'else' })], NOW);
    expect(counts).toMatchObject({ foreign: 2, recorded: 0 });
    expect(await store.db.selectFrom('redemptions').selectAll().execute()).toEqual([]);
  });

  test('a withdrawn code that is redeemed all the same is a late redemption; the code stays retired', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }, { code: 'c2' }] });
    await fillOrder(store, { codes: [{ code: 'c1', isWithdrawn: true }, { code: 'c2' }] });
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toMatchObject({ recorded: 1, late: 1 });
    const [ended] = await seatsOf(order);
    expect(ended).toMatchObject({ state: 'ended', redeemer_user_id: 'u-1', learner_key: null });
    expect(await eventsOf(ended?.id)).toEqual([
      'created by system',
      'ended by system',
      'flagged by platform',
    ]);
    const [code] = await store.db.selectFrom('codes').selectAll().orderBy('id').execute();
    expect(code?.state).toBe('retired');
    expect(await findings()).toMatchObject([
      { kind: 'late_redemption', seat_id: ended?.id, order_id: order, notified_at: null },
    ]);
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toMatchObject({ known: 1, late: 0 });
    expect(await findings()).toHaveLength(1);
  });

  test('who used a seat before it was taken back is no late redemption, however late the event is', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }] });
    await recordRedemptions(store, [heard('c1', LISTED)], NOW);
    const [seat] = await seatsOf(order);
    await store.db.transaction().execute(async (trx) => {
      await changeSeat(trx, {
        seatId: seat?.id ?? '',
        version: seat?.version ?? 0,
        kind: 'ended',
        actor: { kind: 'person', name: 'Ada' },
        at: NOW,
        set: { state: 'ended', ended_why: 'revoked' },
      });
      await trx.updateTable('codes').set({ state: 'retired', retired_why: 'taken_back' }).execute();
    });
    expect(await recordRedemptions(store, [heard('c1')], NOW)).toMatchObject({ completed: 1, late: 0 });
    expect((await seatsOf(order))[0]).toMatchObject({ state: 'ended', redeemer_user_id: 'u-1' });
    expect(await findings()).toEqual([]);
  });

  test('what was erased of a learner does not come back with the next look', async () => {
    const order = await fillOrder(store, { codes: [{ code: 'c1' }, { code: 'c2', isRedeemed: true }] });
    await recordRedemptions(store, [heard('c1')], NOW);
    await store.db.updateTable('redemptions').set({ user_id: null, email: null }).execute();
    await store.db
      .updateTable('seats')
      .set({ redeemer_user_id: null, redeemer_email: null, learner_email: null, learner_key: null })
      .execute();
    const again = [heard('c1'), heard('c2', { from: 'list', email: null })];
    for (const from of ['event', 'webhook', 'list'] as const) {
      const repeated = again.map((one) => ({ ...one, from: one.code === 'c2' ? ('list' as const) : from }));
      expect(await recordRedemptions(store, repeated, NOW)).toMatchObject({ known: 2, completed: 0 });
    }
    for (const seat of await seatsOf(order)) {
      expect(seat).toMatchObject({ redeemer_user_id: null, redeemer_email: null, learner_email: null });
    }
  });

  test('no address and no code stands in an event, a finding, or beside a redemption', async () => {
    await fillOrder(store, { codes: [{ code: 'c1-secret' }, { code: 'c2-secret' }] });
    await fillOrder(store, { codes: [{ code: 'c1-secret', isWithdrawn: true }, { code: 'c2-secret' }] });
    await recordRedemptions(store, [heard('c1-secret'), heard('c2-secret')], NOW);
    const tables = await Promise.all(
      (['findings', 'seat_events', 'redemptions', 'seats', 'codes'] as const).map((table) =>
        store.db.selectFrom(table).selectAll().execute(),
      ),
    );
    expect(JSON.stringify(tables)).not.toContain('secret');
    expect(JSON.stringify(tables[0])).not.toContain('@');
  });
});

onPostgresql('Redemptions that several processes hear of at once', (open) => {
  test('are counted once each, and no seat and no event is lost', async () => {
    const { db } = await open();
    const store = { db, vault };
    const codes = Array.from({ length: 60 }, (_, n) => `code-${n}`);
    const orders: number[] = [];
    for (const part of [0, 1, 2]) {
      const deal = { crm: 'hubspot', account: '62515', dealId: String(part) };
      const ofOrder = codes.slice(20 * part, 20 * part + 20).map((code) => ({ code }));
      orders.push(await fillOrder(store, { deal, codes: ofOrder }));
    }
    const heardOf = (from: HeardRedemption['from']) =>
      codes.map((code, n) => heard(code, { from, userId: `u-${n}`, email: `learner-${n}@acme.example` }));
    const counts = await Promise.all([
      recordRedemptions(store, heardOf('event'), NOW),
      recordRedemptions(store, heardOf('webhook').reverse(), NOW),
      recordRedemptions(store, heardOf('list'), NOW),
      ...codes.map((code, n) =>
        recordRedemptions(
          store,
          [heard(code, { userId: `u-${n}`, email: `learner-${n}@acme.example` })],
          NOW,
        ),
      ),
    ]);
    expect(counts.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(60);
    const seats = await db.selectFrom('seats').selectAll().execute();
    expect(new Set(seats.map(({ state }) => state))).toEqual(new Set(['redeemed']));
    expect(new Set(seats.map(({ learner_key }) => learner_key)).size).toBe(60);
    const events = await db.selectFrom('seat_events').select(['seat_id', 'version']).execute();
    for (const { id, version } of seats) {
      const versions = events.filter(({ seat_id }) => seat_id === id).map((event) => event.version);
      expect(versions.sort()).toEqual(Array.from({ length: version }, (_, n) => n + 1));
    }
  });
});
