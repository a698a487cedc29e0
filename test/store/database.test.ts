import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { DealseatError } from '../../src/domain/failure.ts';
import { isUniqueViolation, StatementError } from '../../src/store/statement-error.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { onBothEngines, onPostgresql } from '../support/store.ts';

const AT = '2026-11-30T12:00:00.000Z';
const ORDER = {
  crm: 'hubspot',
  account: '62515',
  deal_id: '7001',
  deal_name: 'Acme',
  deal_url: 'https://example.com/7001',
  audience: 'buyer',
  filled_at: AT,
} as const;

onBothEngines('the store', (open) => {
  test('gives timers of the process their turn while a long transaction is at work', async () => {
    const { db } = await open();
    let hasTurned = false;
    setTimeout(() => {
      hasTurned = true;
    }, 0);
    const statements = await db.transaction().execute(async (trx) => {
      for (let count = 0; count < 5_000; count += 1) {
        if (hasTurned) return count;
        await sql`select count(*) from orders`.execute(trx);
      }
      return null;
    });
    expect(statements).not.toBeNull();
  });

  test('reads numbers as numbers and instants as dates', async () => {
    const { db } = await open();
    await db.insertInto('orders').values(ORDER).execute();
    const row = await db
      .selectFrom('orders')
      .select(['id', 'filled_at', 'delivered_at'])
      .select(({ fn }) => fn.countAll<number>().over().as('count'))
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ id: 1, filled_at: new Date(AT), delivered_at: null, count: 1 });
  });

  test('begins empty for each test', async () => {
    const { db } = await open();
    expect(await db.selectFrom('orders').selectAll().execute()).toEqual([]);
  });

  test('keeps JSON as it was written, also a list, and finds by any of several values', async () => {
    const { db } = await open();
    const detail = { list: [1, 'two', null], at: AT };
    const entry = { at: AT, actor_kind: 'system', what: 'tried', detail: JSON.stringify(detail) } as const;
    await db.insertInto('audit_log').values(entry).execute();
    const found = await db
      .selectFrom('audit_log')
      .select(['seq', 'detail'])
      .where('what', '=', sql<string>`any(${['no', 'tried']}::text[])`)
      .execute();
    expect(found).toEqual([{ seq: 1, detail }]);
  });

  test('names the index of a row that is there already, and no value', async () => {
    const { db } = await open();
    await db.insertInto('orders').values(ORDER).execute();
    const failure = await db
      .insertInto('orders')
      .values({ ...ORDER, deal_name: 'ana.ruiz@example.com' })
      .execute()
      .catch((error: unknown) => error);
    expect(isUniqueViolation(failure, 'orders_crm_account_deal_id_key')).toBe(true);
    expect(isUniqueViolation(failure, 'another')).toBe(false);
  });

  test.each([
    ['of the wrong form', sql`select ${'ana.ruiz@example.com'}::uuid`],
    ['beyond its range', sql`select ${'99999999999999999999'}::integer`],
    ['in the wrong place', sql`select * from ana_ruiz where ana = ${'ana.ruiz@example.com'}`],
    [
      'null',
      sql`insert into sync_positions (name, state, updated_at) values (${'ana.ruiz@example.com'}, null, now())`,
    ],
    [
      'refused by a check',
      sql`insert into orders (crm, account, deal_id, deal_name, deal_url, audience, filled_at)
      values ('a', 'b', 'c', ${'ana.ruiz@example.com'}, 'e', 'nobody', now())`,
    ],
  ])('shows no value that was %s', async (_, query) => {
    const { db } = await open();
    const failure = await query.execute(db).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StatementError);
    const all = [failure, (failure as Error).stack, JSON.stringify(failure)].map(String).join('\n');
    expect(all).not.toMatch(/ana\.ruiz@|9999999999/);
    expect((failure as Error).cause).toBeUndefined();
  });

  test('undoes a transaction that throws, and throws its error', async () => {
    const { db } = await open();
    const broken = new Error('broken');
    const work = inTransaction(db, async (tx) => {
      await tx.insertInto('orders').values(ORDER).execute();
      throw broken;
    });
    await expect(work).rejects.toBe(broken);
    expect(await db.selectFrom('orders').selectAll().execute()).toEqual([]);
  });

  test('keeps transactions that begin at once apart', async () => {
    const { db } = await open();
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        inTransaction(db, async (tx) => {
          await tx
            .insertInto('orders')
            .values({ ...ORDER, deal_id: `${index}` })
            .execute();
          if (index % 2 === 1) throw new Error('odd');
          await tx
            .updateTable('orders')
            .set({ deal_name: 'even' })
            .where('deal_id', '=', `${index}`)
            .execute();
        }),
      ),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const rows = await db.selectFrom('orders').select('deal_name').execute();
    expect(rows).toEqual(Array.from({ length: 10 }, () => ({ deal_name: 'even' })));
  });

  test('joins a transaction that has begun', async () => {
    const { db } = await open();
    const work = inTransaction(db, (tx) =>
      inTransaction(tx, async (inner) => {
        expect(inner).toBe(tx);
        return 'done';
      }),
    );
    await expect(work).resolves.toBe('done');
  });

  test('is closed once and refuses work after that', async () => {
    const { db, close } = await open();
    expect(typeof close).toBe('function');
    await expect(sql`select 1 as one`.execute(db)).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });
});

onPostgresql('transactions of PostgreSQL', (open) => {
  test('that meet are repeated until each had its turn', async () => {
    const { db } = await open();
    await db
      .insertInto('orders')
      .values({ ...ORDER, shown_used: 0 })
      .execute();
    const add = () =>
      inTransaction(
        db,
        async (tx) => {
          const { shown_used } = await tx.selectFrom('orders').select('shown_used').executeTakeFirstOrThrow();
          await tx
            .updateTable('orders')
            .set({ shown_used: (shown_used ?? 0) + 1 })
            .execute();
        },
        { isolation: 'serializable' },
      );
    await Promise.all(Array.from({ length: 4 }, add));
    expect(await db.selectFrom('orders').select('shown_used').execute()).toEqual([{ shown_used: 4 }]);
  });

  test('that never get their turn end as unavailable', async () => {
    const { db } = await open();
    let attempts = 0;
    const work = inTransaction(db, async (tx) => {
      attempts += 1;
      await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(tx);
    });
    const failure = await work.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DealseatError);
    expect(failure).toMatchObject({ code: 'store.unavailable', class: 'retry' });
    expect(attempts).toBe(8);
  });
});
