import { expect, test } from '@jest/globals';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { type FilledCode, type FilledGroup, fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';

const AT = new Date('2026-11-30T12:00:00.000Z');
const ORDER = {
  deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
  dealName: 'Acme',
  dealUrl: 'https://crm.example/7001',
  companyName: 'Acme',
  ownerId: '1',
  buyerContactId: '6001',
  audience: 'learners',
} as const;
const GROUP: FilledGroup = {
  token: 'd0123456789abcd',
  platform: 'ti',
  groupId: 'group-1',
  label: 'acme-leadership-2026-11-30-d0123456789abcd',
  productKey: 'sku:lead-101',
  title: 'Leadership',
  part: 1,
  issued: 4,
  redeemUrl: 'https://learn.example/redeem/{code}',
  client: null,
  codesExpireAt: null,
  accessDays: 365,
  accessUntil: null,
  grants: { courses: ['course-1'], learningPaths: [], bundles: [], licenses: [] },
};
const LEE = { contactId: '6002', email: 'Lee@Acme.example ', name: 'Lee Wong' };

function code(name: string, changes: Partial<FilledCode> = {}): FilledCode {
  return {
    code: name,
    isRedeemed: false,
    isWithdrawn: false,
    isHandedOut: false,
    learner: null,
    ...changes,
  };
}

const CODES = [
  code('AAAA', { learner: LEE }),
  code('BBBB', { isHandedOut: true }),
  code('CCCC'),
  code('DDDD'),
];

onBothEngines('filling an order', (open) => {
  async function openFilled(codes: readonly FilledCode[] = CODES) {
    const store: SeatStore = {
      db: (await open()).db,
      vault: testVault,
    };
    const fill = (some: Iterable<FilledCode>, group: Partial<FilledGroup> = {}, dealId = '7001') =>
      store.db.transaction().execute(async (trx) => {
        const order = await upsertOrder(trx, { ...ORDER, deal: { ...ORDER.deal, dealId } }, AT);
        await fillGroup(trx, store.vault, order, { ...GROUP, ...group }, some, { actor: DEALSEAT, at: AT });
      });
    await fill(codes);
    return { ...store, fill };
  }

  const seatsOf = async ({ db, vault }: SeatStore) => {
    const rows = await db
      .selectFrom('seats')
      .leftJoin('codes', 'codes.id', 'seats.code_id')
      .select([
        'seats.state',
        'learner_key',
        'contact_id',
        'version',
        'code_enc',
        'codes.state as code_state',
      ])
      .orderBy('codes.id')
      .orderBy('ended_at')
      .execute();
    return rows.map(({ code_enc: enc, ...row }) => ({ ...row, code: enc && vault.open(enc) }));
  };

  async function everything({ db }: SeatStore): Promise<unknown> {
    const tables = ['orders', 'code_groups', 'codes', 'seats', 'seat_events'] as const;
    return await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
  }

  test('makes one seat of each code: of learners and buyers handed out, the others free', async () => {
    const store = await openFilled();
    expect(await seatsOf(store)).toMatchObject([
      {
        code: 'AAAA',
        state: 'exposed',
        code_state: 'handed_out',
        learner_key: 'lee@acme.example',
        contact_id: '6002',
      },
      { code: 'BBBB', state: 'exposed', code_state: 'handed_out', learner_key: null },
      { code: 'CCCC', state: 'free', code_state: 'sealed' },
      { code: 'DDDD', state: 'free', code_state: 'sealed' },
    ]);
  });

  test('a repeat changes nothing and appends no event, whatever the order of the codes', async () => {
    const store = await openFilled();
    const before = await everything(store);
    await store.fill([...CODES].reverse());
    expect(await everything(store)).toEqual(before);
  });

  test('a learner who comes later gets the free seat, with one event', async () => {
    const store = await openFilled();
    const kim = { contactId: '6003', email: 'kim@acme.example', name: 'Kim' };
    await store.fill(CODES.with(2, code('CCCC', { learner: kim })));
    expect((await seatsOf(store))[2]).toMatchObject({
      state: 'exposed',
      contact_id: '6003',
      version: 2,
      code_state: 'handed_out',
    });
    const events = await store.db.selectFrom('seat_events').select('kind').execute();
    expect(events.filter(({ kind }) => kind === 'exposed')).toHaveLength(1);
  });

  test('who has a seat keeps it, whatever the caller says', async () => {
    const store = await openFilled();
    const kim = { contactId: '6003', email: 'kim@acme.example', name: 'Kim' };
    await store.fill(CODES.with(0, code('AAAA', { learner: kim })));
    expect((await seatsOf(store))[0]).toMatchObject({ contact_id: '6002', version: 1 });
  });

  test('a second seat of one person is theirs, and no other seat of theirs', async () => {
    const store = await openFilled(CODES.with(1, code('BBBB', { learner: { ...LEE, contactId: '6009' } })));
    expect(await seatsOf(store)).toMatchObject([
      { learner_key: 'lee@acme.example' },
      { learner_key: null, contact_id: '6009', state: 'exposed' },
      {},
      {},
    ]);
  });

  test('a withdrawn code ends its seat; used again, it fills another one', async () => {
    const store = await openFilled();
    await store.fill(CODES.with(3, code('DDDD', { isWithdrawn: true })));
    expect((await seatsOf(store))[3]).toMatchObject({ state: 'ended', code_state: 'retired' });
    await store.fill(CODES);
    expect((await seatsOf(store)).slice(3)).toMatchObject([
      { code: 'DDDD', state: 'ended' },
      { code: 'DDDD', state: 'free', code_state: 'sealed' },
    ]);
  });

  test('a code that was lost stays retired', async () => {
    const store = await openFilled();
    await store.db
      .updateTable('codes')
      .set({ state: 'retired', retired_why: 'lost' })
      .where('id', '=', 1)
      .execute();
    const before = await everything(store);
    await store.fill(CODES);
    expect(await everything(store)).toEqual(before);
  });

  test('a transaction that fails leaves nothing, and the next one fills all', async () => {
    const store = await openFilled([]);
    const broken = function* (): Iterable<FilledCode> {
      yield* CODES.slice(0, 2);
      throw new Error('killed');
    };
    await expect(store.fill(broken())).rejects.toThrow('killed');
    expect(await seatsOf(store)).toEqual([]);
    await store.fill(CODES);
    expect(await seatsOf(store)).toHaveLength(4);
  });

  test('a large group is filled a thousand codes at a time', async () => {
    const store = await openFilled([]);
    let ahead = 0;
    let most = 0;
    const codes = function* () {
      for (let index = 0; index < 2_500; index += 1) {
        ahead += 1;
        most = Math.max(most, ahead);
        yield code(`CODE-${index}`, { isHandedOut: true });
        if (index % 1_000 === 999) ahead = 0;
      }
    };
    await store.fill(codes());
    const { count } = await store.db
      .selectFrom('seats')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect([count, most]).toEqual([2_500, 1_000]);
  });
});
