import { expect, test } from '@jest/globals';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { reportFinding } from '../../src/store/findings.ts';
import { readVersion } from '../../src/store/known-seats.ts';
import { mergeOrders } from '../../src/store/merge-orders.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';
import { fillOrder } from './filled-order.ts';

const AT = new Date('2026-11-30T12:00:00.000Z');
const SURVIVOR: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
const MERGED: DealRef = { ...SURVIVOR, dealId: '9002' };
const LEE = { contactId: '6002', email: 'lee@acme.example', name: 'Lee' };
const KIM = { contactId: '6003', email: 'kim@acme.example', name: 'Kim' };

onBothEngines('merging orders', (open) => {
  /** Lee has a seat by both deals, Kim by the one that was merged; and the merged one of another account is none of it. */
  async function openMerged() {
    const store: SeatStore = { db: (await open()).db, vault: testVault };
    const into = await fillOrder(store, { deal: SURVIVOR, codes: [{ code: 'AAAA', learner: LEE }] });
    const from = await fillOrder(store, {
      deal: MERGED,
      codes: [{ code: 'BBBB', learner: LEE }, { code: 'CCCC', learner: KIM }, { code: 'DDDD' }],
    });
    const other = await fillOrder(store, { deal: { ...MERGED, account: '4711' }, codes: [{ code: 'EEEE' }] });
    await reportFinding(store.db, { key: 'k', order_id: from, kind: 'test', text: 't', cure: 'c' }, AT);
    const merge = () =>
      inTransaction(store.db, (trx) =>
        mergeOrders(trx, { id: into, ...SURVIVOR }, { mergedDealIds: [MERGED.dealId, '9999'], at: AT }),
      );
    await merge();
    return { ...store, into, from, other, merge };
  }

  const tables = ['code_groups', 'seats', 'seat_events', 'findings'] as const;

  async function rowsOf({ db }: SeatStore, orderId: number) {
    const counts = tables.map(async (table) => {
      const rows = await db.selectFrom(table).select('order_id').where('order_id', '=', orderId).execute();
      return rows.length;
    });
    return Object.fromEntries((await Promise.all(counts)).map((count, index) => [tables[index], count]));
  }

  test('is a change of the seats of both deals, even where no seat itself changes', async () => {
    const store: SeatStore = { db: (await open()).db, vault: testVault };
    const into = await fillOrder(store, { deal: SURVIVOR, codes: [{ code: 'AAAA' }] });
    const from = await fillOrder(store, { deal: MERGED, codes: [{ code: 'BBBB' }] });
    await inTransaction(store.db, (trx) =>
      mergeOrders(trx, { id: into, ...SURVIVOR }, { mergedDealIds: [MERGED.dealId], at: AT }),
    );
    // One each for the seat that was made, and one for the merge.
    expect([await readVersion(store.db, into), await readVersion(store.db, from)]).toEqual([2, 2]);
  });

  test('moves groups, seats, events and findings to the deal that lives on, and says so in the audit log', async () => {
    const store = await openMerged();
    // One event more: of the second seat of Lee.
    expect(await rowsOf(store, store.into)).toEqual({
      code_groups: 2,
      seats: 4,
      seat_events: 5,
      findings: 1,
    });
    expect(await rowsOf(store, store.from)).toEqual({
      code_groups: 0,
      seats: 0,
      seat_events: 0,
      findings: 0,
    });
    expect(await rowsOf(store, store.other)).toMatchObject({ code_groups: 1, seats: 1 });
    const orders = await store.db.selectFrom('orders').select(['id', 'merged_into']).orderBy('id').execute();
    expect(orders).toEqual([
      { id: store.into, merged_into: null },
      { id: store.from, merged_into: store.into },
      { id: store.other, merged_into: null },
    ]);
    const log = await store.db.selectFrom('audit_log').select(['what', 'order_id', 'detail']).execute();
    const detail = { mergedOrder: store.from, dealId: MERGED.dealId };
    expect(log).toEqual([{ what: 'order merged', order_id: store.into, detail }]);
  });

  test('a person who has a seat by both keeps both, and the second one has no key', async () => {
    const store = await openMerged();
    const seats = await store.db
      .selectFrom('seats')
      .innerJoin('codes', 'codes.id', 'seats.code_id')
      .select(['code_enc', 'seats.state', 'contact_id', 'learner_key', 'version'])
      .where('order_id', '=', store.into)
      .execute();
    const byCode = new Map(seats.map(({ code_enc, ...seat }) => [store.vault.open(code_enc), seat]));
    expect(byCode.get('AAAA')).toMatchObject({
      contact_id: '6002',
      learner_key: 'lee@acme.example',
      version: 1,
    });
    expect(byCode.get('BBBB')).toMatchObject({
      state: 'exposed',
      contact_id: '6002',
      learner_key: null,
      version: 2,
    });
    expect(byCode.get('CCCC')).toMatchObject({ learner_key: 'kim@acme.example', version: 1 });
    const events = await store.db
      .selectFrom('seat_events')
      .select(['kind', 'reason', 'changed'])
      .where('version', '=', 2)
      .execute();
    expect(events).toEqual([
      {
        kind: 'assigned',
        reason: 'Two deals were merged, and this person has a seat by each',
        changed: { learner_key: null },
      },
    ]);
  });

  test('a repeat changes nothing', async () => {
    const store = await openMerged();
    const everything = () =>
      Promise.all(
        ([...tables, 'orders', 'audit_log'] as const).map((table) =>
          store.db.selectFrom(table).selectAll().execute(),
        ),
      );
    const before = await everything();
    await store.merge();
    expect(await everything()).toEqual(before);
  });
});
