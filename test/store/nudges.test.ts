import { beforeEach, expect, test } from '@jest/globals';
import type { NudgeRule } from '../../src/domain/seats/nudges.ts';
import { claimNudges } from '../../src/store/claim-nudges.ts';
import { lookBeforeNudge, releaseNudge, settleNudge, takeNudge } from '../../src/store/claimed-nudge.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import { mergeNudges } from '../../src/store/merge-nudges.ts';
import { nudgesOf, ordersToNudge } from '../../src/store/nudges.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { readUsage } from '../../src/store/seat-usage.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { onBothEngines } from '../support/store.ts';
import { fillOrder } from './filled-order.ts';

const vault = new CodeVault([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }]);

// The order was delivered on 20 November.
const AT = new Date('2026-12-21T12:00:00.000Z');
const END = '2026-12-31T23:59:59.000Z';
const WEEK: NudgeRule = { when: { afterDays: 20 }, unusedAbove: 0.5, to: ['buyer'] };
const MONTH: NudgeRule = { when: { afterDays: 30 }, unusedAbove: 0, to: ['buyer', 'owner'] };
const MERGED = { crm: 'hubspot', account: '62515', dealId: '9099' } as const;
const HOLD = { at: AT, heldUntil: new Date(AT.getTime() + 3_600_000) };
const SENT = {
  state: 'sent',
  mail: 'sent',
  via: 'singleSend',
  why: null,
  task: null,
  stopped: null,
  at: AT,
} as const;
const CODES = [{ code: 'c1', isRedeemed: true }, { code: 'c2' }, { code: 'c3' }];

onBothEngines('Nudges', (open) => {
  let store: SeatStore;

  beforeEach(async () => {
    store = { db: (await open()).db, vault };
  });

  const candidates = async () =>
    (await ordersToNudge(store.db, { after: 0, deliveredSince: null, limit: 10 })).map(({ id }) => id);
  const rows = async (id: number) =>
    (await nudgesOf(store.db, id)).map(({ rule, state, stopped }) => [rule, state, stopped]);

  test('an order says how many seats are used, and until when the others can be', async () => {
    const id = await fillOrder(store, { group: { codesExpireAt: END }, codes: CODES });
    const [order] = await ordersToNudge(store.db, { after: 0, deliveredSince: null, limit: 10 });
    expect(order?.id).toBe(id);
    expect(await readUsage(store.db, { id, delivered_at: AT })).toMatchObject({
      sold: 3,
      used: 1,
      unusedEnds: [Date.parse(END)],
      lines: [{ productKey: 'sku:LEAD-101', sold: 3, used: 1 }],
    });
    expect(await ordersToNudge(store.db, { after: 0, deliveredSince: AT.getTime(), limit: 10 })).toEqual([]);
    expect(await ordersToNudge(store.db, { after: id, deliveredSince: null, limit: 10 })).toEqual([]);
  });

  test('an order whose seats are all in use is left alone, until a nudge is half sent', async () => {
    const id = await fillOrder(store, { codes: [{ code: 'c1', isRedeemed: true }] });
    expect(await candidates()).toEqual([]);
    await store.db
      .insertInto('nudges')
      .values({
        order_id: id,
        rule: 'r',
        due_at: AT,
        state: 'claimed',
        at: AT,
        to_buyer: true,
        to_owner: false,
      })
      .execute();
    expect(await candidates()).toEqual([id]);
  });

  test('each rule is claimed once, by one of those who try at the same time', async () => {
    const id = await fillOrder(store, { codes: CODES });
    const claims = await Promise.all(
      [1, 2, 3].map(() => claimNudges(store.db, id, { rules: [MONTH], ...HOLD })),
    );
    expect(claims.map((nudges) => nudges.length).sort()).toEqual([0, 0, 1]);
    const [rule = ''] = (await rows(id)).map(([key]) => String(key));
    await settleNudge(store.db, { orderId: id, rule }, SENT);
    await settleNudge(store.db, { orderId: id, rule }, { ...SENT, state: 'skipped', stopped: 'not_needed' });
    expect(await rows(id)).toEqual([[rule, 'sent', null]]);
    expect(await claimNudges(store.db, id, { rules: [MONTH], ...HOLD })).toEqual([]);
  });

  test('a claim that nobody settled is taken over by one, once its worker let go of it or its time is over', async () => {
    const id = await fillOrder(store, { codes: CODES });
    const nudges = await claimNudges(store.db, id, { rules: [MONTH], ...HOLD });
    const nudge = { orderId: id, rule: nudges[0]?.key ?? '' };
    const take = (hours: number) => {
      const at = new Date(AT.getTime() + hours * 3_600_000);
      const heldUntil = new Date(at.getTime() + 3_600_000);
      return Promise.all([1, 2, 3].map(() => takeNudge(store.db, nudge, { at, heldUntil })));
    };
    expect(await take(0.5)).toEqual([false, false, false]);
    expect((await take(1)).filter(Boolean)).toHaveLength(1);
    expect(await lookBeforeNudge(store.db, nudge, HOLD.heldUntil)).toBeNull();
    await releaseNudge(store.db, nudge, HOLD.heldUntil);
    expect(await take(1.5)).toEqual([false, false, false]);
    const held = new Date(AT.getTime() + 2 * 3_600_000);
    expect(await lookBeforeNudge(store.db, nudge, held)).toMatchObject({ sold: 3, used: 1 });
    await releaseNudge(store.db, nudge, held);
    expect((await take(1.5)).filter(Boolean)).toHaveLength(1);
  });

  test('a deal that is merged keeps what was sent, and what was being sent is not sent again', async () => {
    const into = await fillOrder(store, { codes: CODES });
    const from = await fillOrder(store, { deal: MERGED, codes: [{ code: 'd1' }, { code: 'd2' }] });
    const nudges = await claimNudges(store.db, from, { rules: [MONTH], ...HOLD });
    const rule = nudges[0]?.key ?? '';
    await inTransaction(store.db, async (trx) => {
      await mergeNudges(trx, { from, into, at: AT });
    });
    expect(await lookBeforeNudge(store.db, { orderId: from, rule }, HOLD.heldUntil)).toBeNull();
    expect(await rows(into)).toEqual([[rule, 'skipped', 'merged']]);
    expect(await nudgesOf(store.db, into)).toMatchObject([{ mail: 'in_doubt', settledAt: AT.getTime() }]);
    expect(await claimNudges(store.db, into, { rules: [MONTH], ...HOLD })).toEqual([]);
  });

  test('of two that are due together, a reader gets the later one', async () => {
    const id = await fillOrder(store, { codes: CODES });
    const nudges = await claimNudges(store.db, id, { rules: [WEEK, MONTH], ...HOLD });
    expect(nudges.map(({ rule }) => rule)).toEqual([MONTH]);
    expect((await rows(id)).map(([, state]) => state)).toEqual(['skipped', 'claimed']);
  });
});
