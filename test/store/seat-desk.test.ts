import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Kysely, PGliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { createStoreDesk } from '../../src/seats/store-desk.ts';
import { changeSeat, replaceSeat } from '../../src/store/change-seat.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import { type FilledGroup, fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import type { StoreSchema } from '../../src/store/schema.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

async function openStore(): Promise<SeatStore> {
  const { PGlite } = await import('@electric-sql/pglite');
  const db = new Kysely<StoreSchema>({ dialect: new PGliteDialect({ pglite: await PGlite.create() }) });
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  }).migrateToLatest();
  if (error) throw error;
  return { db, vault: new CodeVault([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }]) };
}

const AT = new Date('2026-11-20T10:00:00.000Z');
const LATER = new Date('2026-11-25T10:00:00.000Z');
const ACME = { crm: 'hubspot', account: '62515', dealId: '9001' };
const INITECH = { crm: 'salesforce', account: '00D5Y000001MPM7UAO', dealId: '0065Y00001Suvw6QAB' };

let store: SeatStore;

beforeAll(async () => {
  store = await openStore();
  await store.db.transaction().execute(async (trx) => {
    const acme = await upsertOrder(trx, facts(ACME, 'Acme leadership rollout', 'Acme Corp'), AT);
    const holders = ['Ana@Example.com', 'kim@example.com'];
    await fillGroup(trx, store.vault, acme, group('acme-lead', 'Leadership Essentials', 5, holders), {
      actor: DEALSEAT,
      at: AT,
    });
    await fillGroup(trx, store.vault, acme, group('acme-path', 'Manager Path', 3, []), {
      actor: DEALSEAT,
      at: AT,
    });
    const initech = await upsertOrder(trx, facts(INITECH, 'Initech onboarding 100%', 'Initech'), LATER);
    await fillGroup(
      trx,
      store.vault,
      initech,
      group('initech-lead', 'Leadership Essentials', 1, ['ana@example.com']),
      {
        actor: DEALSEAT,
        at: LATER,
      },
    );
  });
});

afterAll(() => store.db.destroy());

function facts(deal: typeof ACME, dealName: string, companyName: string) {
  return {
    deal,
    dealName,
    dealUrl: `https://crm.example.com/${deal.dealId}`,
    companyName,
    ownerId: '8001',
    buyerContactId: '6001',
    audience: 'learners' as const,
  };
}

function group(label: string, title: string, seats: number, holders: readonly string[]): FilledGroup {
  return {
    token: label,
    platform: 'ti',
    groupId: `id-${label}`,
    label,
    productKey: title.toLowerCase().replaceAll(' ', '-'),
    title,
    part: 1,
    redeemUrl: 'https://learn.example.com/redeem/{code}',
    client: null,
    codesExpireAt: null,
    accessDays: 365,
    accessUntil: null,
    grants: { courses: ['c1'], learningPaths: [], bundles: [], licenses: [] },
    codes: Array.from({ length: seats }, (_, index) => ({
      code: `${label.toUpperCase()}-${index}`,
      isRedeemed: false,
      isWithdrawn: false,
      isHandedOut: false,
      learner: holders[index] === undefined ? null : { contactId: null, email: holders[index], name: null },
    })),
  };
}

describe('the seats of an order', () => {
  test('come with counts that add up, for all and for each product', async () => {
    const { order, seats, next } = await createStoreDesk(store).seatsOf(ACME);
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
    const desk = createStoreDesk(store);
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
    const desk = createStoreDesk(store);
    const handedOut = await desk.seatsOf(ACME, { states: ['exposed'] });
    expect(handedOut.seats.map(({ holder }) => holder?.email).sort()).toEqual([
      'Ana@Example.com',
      'kim@example.com',
    ]);
    const path = await desk.seatsOf(ACME, { productKey: 'manager-path' });
    expect(path.seats).toHaveLength(3);
  });

  test('of a deal that was never delivered are a question with a wrong deal', async () => {
    await expect(createStoreDesk(store).seatsOf({ ...ACME, dealId: '4711' })).rejects.toMatchObject({
      code: 'seats.unknown_deal',
    });
  });

  test.each(['nonsense', '', Buffer.from('["a"]').toString('base64url')])(
    'refuse the cursor %j',
    async (cursor) => {
      await expect(createStoreDesk(store).seatsOf(ACME, { cursor })).rejects.toMatchObject({
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
    const found = await createStoreDesk(store).find({ text });
    expect([found.by, found.seats.length]).toEqual([by, count]);
  });

  test.each([
    ['a label', 'acme-lead', 'label', ['9001']],
    ['a part of a company, in any letter case', 'ACME c', 'company', ['9001']],
    ['a part of a deal, taken as it stands', '100%', 'company', ['0065Y00001Suvw6QAB']],
    ['a part that several have, newest first', 'o', 'company', ['0065Y00001Suvw6QAB', '9001']],
    ['a pattern that is none', 'a_me', null, []],
  ])('by %s', async (_, text, by, deals) => {
    const found = await createStoreDesk(store).find({ text });
    expect([found.by, found.orders.map(({ dealId }) => dealId)]).toEqual([by, deals]);
  });

  test('by address shows whose seat was used by whom', async () => {
    const desk = createStoreDesk(store);
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
    const desk = createStoreDesk(store);
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
  const desk = createStoreDesk(store);
  const { seats, ...order } = await desk.seatsOf(ACME);
  const histories = await Promise.all(seats.map(({ id }) => desk.history(id)));
  const found = await desk.find({ text: 'ACME-LEAD-0' });
  expect(JSON.stringify({ seats, order, histories, found })).not.toMatch(/ACME-(LEAD|PATH)-\d/);
});

describe('the history of a seat', () => {
  test('names who did what and why, oldest first, and the seats before and after', async () => {
    const desk = createStoreDesk(store);
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
    await expect(createStoreDesk(store).history(id)).rejects.toMatchObject({ code: 'seats.unknown_seat' });
  });
});
