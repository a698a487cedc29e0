import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { changeSeat, type SeatRow } from '../../src/store/change-seat.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { copyEmbedded, listCopies, renewCopies } from '../../src/store/embedded-copies.ts';
import { erasePerson, PERSONAL_COLUMNS } from '../../src/store/erase-person.ts';
import { carryOnErasure } from '../../src/store/erasure.ts';
import { fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import { forgetPeople } from '../../src/store/forget-people.ts';
import type { FilledLearner } from '../../src/store/holders.ts';
import { readPerson } from '../../src/store/people.ts';
import { countByKey, rotateKeys } from '../../src/store/rotate-keys.ts';
import type { StoreSchema } from '../../src/store/schema.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { embeddedImage, onBothEngines } from '../support/store.ts';

type Db = Kysely<StoreSchema>;

const AT = new Date('2026-11-30T12:00:00Z');
const BO = { kind: 'person', name: 'bo' } as const;
const ANA = { contactId: '901', email: ' Ana.Berg@Example.org', name: 'Ana Bergström' };
const EVE = { contactId: '902', email: 'eve@example.org', name: 'Eve Adams' };
const OLD = { id: 'old', bytes: randomBytes(32) };
const NEW = { id: 'new', bytes: randomBytes(32) };

/** An order of three seats: Ana's, Eve's, and one that is free. */
async function fill(
  db: Db,
  learners: readonly (FilledLearner | null)[] = [ANA, EVE, null],
): Promise<SeatRow[]> {
  const vault = new CodeVault([OLD]);
  await inTransaction(db, async (trx) => {
    const order = await upsertOrder(
      trx,
      {
        deal: { crm: 'hubspot', account: '62515', dealId: '9001' },
        dealName: 'Acme, 25 seats',
        dealUrl: 'https://crm.example/9001',
        companyName: 'Acme',
        ownerId: null,
        buyerContactId: '900',
        audience: 'learners',
      },
      AT,
    );
    await fillGroup(
      trx,
      vault,
      order,
      {
        token: 'tok1',
        platform: 'ti',
        groupId: 'group-1',
        label: 'acme-tok1',
        productKey: 'sku:lead-101',
        title: 'Leadership',
        part: 1,
        issued: learners.length,
        redeemUrl: 'https://learn.example/redeem/{code}',
        client: null,
        codesExpireAt: null,
        accessDays: 365,
        accessUntil: null,
        grants: { courses: ['c1'], learningPaths: [], bundles: [], licenses: [] },
      },
      learners.map((learner, index) => ({
        code: `CANARY00000${index}`,
        isRedeemed: false,
        isWithdrawn: false,
        isHandedOut: false,
        learner,
      })),
      { actor: DEALSEAT, at: AT },
    );
  });
  return await db.selectFrom('seats').selectAll().orderBy('code_id').execute();
}

/** Everything that is written when Ana's seat is used, acted upon and looked at. */
async function live(db: Db, seat: SeatRow): Promise<void> {
  await inTransaction(db, (trx) =>
    changeSeat(trx, {
      kind: 'redeemed',
      actor: { kind: 'platform', name: 'ana.berg@example.org' },
      reason: 'Redeemed by ANA.BERG@EXAMPLE.ORG',
      at: AT,
      seatId: seat.id,
      version: seat.version,
      set: {
        state: 'redeemed',
        redeemed_at: AT,
        redeemer_email: 'ana.berg@example.org',
        redeemer_user_id: 'user-77',
      },
    }),
  );
  const by = { actor_kind: 'person', actor_name: 'ana.berg@example.org' } as const;
  await db
    .insertInto('operations')
    .values({
      id: 'op-1',
      came_from: 'redeemed',
      kind: 'extend',
      order_id: seat.order_id,
      seat_id: seat.id,
      input: JSON.stringify({
        learner: { email: 'Ana.Berg@example.org', name: 'Ana Bergström' },
        until: '2027-01-01',
      }),
      state: 'done',
      outcome: 'Access of ana.berg@example.org ends later',
      ...by,
      asked_at: AT,
    })
    .execute();
  await db
    .insertInto('redemptions')
    .values({
      code_mac: 'mac',
      platform: 'ti',
      user_id: 'user-77',
      email: 'ana.berg@example.org',
      heard_from: 'event',
      heard_at: AT,
      seat_id: seat.id,
    })
    .execute();
  await db
    .insertInto('findings')
    .values({
      key: 'late:ana.berg@example.org',
      kind: 'late',
      text: 'Ana.Berg@example.org redeemed late',
      cure: 'Ask ana.berg@example.org',
      found_at: AT,
      seen_at: AT,
    })
    .execute();
  await db
    .insertInto('nudges')
    .values({
      order_id: seat.order_id,
      rule: 'r',
      due_at: AT,
      state: 'sent',
      to_buyer: true,
      to_owner: true,
      why: 'refused for ana.berg@example.org',
      at: AT,
    })
    .execute();
  await db
    .insertInto('audit_log')
    .values({ at: AT, ...by, what: 'export', detail: JSON.stringify({ asked: ['ana.berg@example.org'] }) })
    .execute();
}

const TRACES = /ana\.berg|ana bergstr|user-77/i;

/** Every row of every table, as text. */
async function everything(db: Db): Promise<string> {
  const texts: string[] = [];
  for (const { table_name } of await tablesOf(db)) {
    const { rows } = await sql<{
      row: string;
    }>`select t::text as row from ${sql.table(table_name)} t`.execute(db);
    texts.push(...rows.map(({ row }) => `${table_name}: ${row}`));
  }
  return texts.join('\n');
}

async function tablesOf(db: Db) {
  const { rows } = await sql<{ table_name: string }>`select table_name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db);
  return rows;
}

onBothEngines('the people of the seat store', (open) => {
  test('a person is erased from every table, whatever the spelling, and states and counts stay', async () => {
    const { db } = await open();
    const [ana] = await fill(db);
    await live(db, ana as SeatRow);
    expect(await everything(db)).toMatch(TRACES);
    const { person } = await erasePerson({ db }, { email: 'ANA.Berg@example.org ', actor: BO, at: AT });
    expect(person).toMatchObject({ names: ['Ana Bergström'], platformUserIds: ['user-77'] });
    const left = await everything(db);
    expect(left).not.toMatch(TRACES);
    expect(left).toContain('eve@example.org');
    expect(left).toContain('2027-01-01');
    const seats = await db.selectFrom('seats').select(['state', 'contact_id']).orderBy('code_id').execute();
    expect(seats).toEqual([
      { state: 'redeemed', contact_id: '901' },
      { state: 'exposed', contact_id: '902' },
      { state: 'free', contact_id: null },
    ]);
    const [log] = await db.selectFrom('audit_log').selectAll().where('what', '=', 'person erased').execute();
    expect(log).toMatchObject({ actor_name: 'bo', detail: { seats: 1 } });
  });

  test('somebody who is not known is erased without harm to others', async () => {
    const { db } = await open();
    await fill(db);
    // Looks like a pattern, and like a part of somebody else's address.
    const reason = 'Asked by eve@example.org, on behalf of eve@example.org.uk. Write to eve@example.org.';
    await db.updateTable('seat_events').set({ reason }).execute();
    for (const email of ['%@example.org', 've@example.org', '_ve@example.org']) {
      await erasePerson({ db }, { email, actor: BO, at: AT });
    }
    expect(await everything(db)).not.toContain('erased)');
    expect((await readPerson({ db }, 'eve@example.org')).seats).toHaveLength(1);
    expect((await readPerson({ db }, 'ana.berg@example.org')).names).toEqual(['Ana Bergström']);
    await erasePerson({ db }, { email: 'eve@example.org', actor: BO, at: AT });
    const { reason: left } = await db.selectFrom('seat_events').select('reason').executeTakeFirstOrThrow();
    expect(left).toBe('Asked by (erased), on behalf of eve@example.org.uk. Write to (erased).');
  });

  test('what is known of a person is given, with the history of each seat', async () => {
    const { db } = await open();
    const [ana] = await fill(db);
    await live(db, ana as SeatRow);
    const known = await readPerson({ db }, 'ana.berg@EXAMPLE.org');
    expect(known.emails).toEqual([' Ana.Berg@Example.org', 'ana.berg@example.org']);
    expect(known.seats).toEqual([
      expect.objectContaining({
        dealName: 'Acme, 25 seats',
        state: 'redeemed',
        as: 'both',
        contactId: '901',
      }),
    ]);
    expect(known.seats[0]?.history.map(({ kind }) => kind)).toEqual(['created', 'redeemed']);
    expect(JSON.stringify(known)).not.toContain('CANARY');
  });

  test('every column of text is either searched for people, or is one that no person can be in', async () => {
    const { db } = await open();
    const { rows } = await sql<{ place: string }>`select table_name || '.' || column_name as place
      from information_schema.columns where table_schema = 'public' and data_type in ('text', 'jsonb')
      and table_name not like 'kysely%'`.execute(db);
    const searched = Object.entries(PERSONAL_COLUMNS).flatMap(([table, { text, json }]) =>
      [...text, ...json].map((column) => `${table}.${column}`),
    );
    const unsearched = rows
      .map(({ place }) => place)
      .filter((place) => !searched.includes(place) && !IMPERSONAL.has(place));
    expect(unsearched).toEqual([]);
  });

  test('names and addresses go when the seat has long been over, and others stay', async () => {
    const { db } = await open();
    const [ana, eve] = await fill(db);
    await live(db, ana as SeatRow);
    await db
      .updateTable('seats')
      .set({ access_until: '2025-01-01' })
      .where('id', '=', ana?.id ?? '')
      .execute();
    await db
      .updateTable('seats')
      .set({ access_until: '2026-06-01' })
      .where('id', '=', eve?.id ?? '')
      .execute();
    expect(await forgetPeople({ db }, { before: new Date('2025-11-30') })).toBe(1);
    expect(await forgetPeople({ db }, { before: new Date('2025-11-30') })).toBe(0);
    const seats = await db.selectFrom('seats').selectAll().orderBy('code_id').execute();
    expect(seats[0]).toMatchObject({
      state: 'redeemed',
      learner_email: null,
      learner_key: null,
      redeemer_email: null,
    });
    expect(seats[1]).toMatchObject({ learner_email: 'eve@example.org', learner_name: 'Eve Adams' });
    const events = await db
      .selectFrom('seat_events')
      .selectAll()
      .where('seat_id', '=', ana?.id ?? '')
      .execute();
    expect(JSON.stringify(events.map(({ changed }) => changed))).not.toMatch(TRACES);
  });

  test('every code is sealed anew with the newest key, and is found and opened with that one alone', async () => {
    const { db } = await open();
    await fill(db);
    const both = new CodeVault([NEW, OLD]);
    const rotated = { isOver: true, checked: 3, total: 3 };
    const rotate = (id: string) => rotateKeys({ db, vault: both }, { id, at: AT });
    expect(await rotate('k1')).toEqual({ ...rotated, resealed: 3 });
    expect(await rotate('k1')).toEqual({ ...rotated, resealed: 3 });
    expect(await rotate('k2')).toEqual({ ...rotated, resealed: 0 });
    expect(await countByKey({ db })).toEqual(new Map([['new', 3]]));
    const alone = new CodeVault([NEW]);
    const codes = await db.selectFrom('codes').select(['code_enc', 'code_mac']).orderBy('id').execute();
    expect(codes.map(({ code_enc }) => alone.open(code_enc))).toEqual([
      'CANARY000000',
      'CANARY000001',
      'CANARY000002',
    ]);
    expect(codes.map(({ code_mac }) => code_mac)).toEqual(
      ['CANARY000000', 'CANARY000001', 'CANARY000002'].map((code) => alone.macsOf(code)[0]),
    );
  });
});

/** Columns that hold ids, names of things, states and ciphertext. */
const IMPERSONAL = new Set<string>([
  'requests.id',
  'requests.what',
  'requests.content_mac',
  'requests.progress',
  'code_groups.token',
  'code_groups.platform',
  'code_groups.platform_group_id',
  'code_groups.label',
  'code_groups.product_key',
  'code_groups.title',
  'code_groups.purpose',
  'code_groups.redeem_url',
  'code_groups.client',
  'code_groups.grants',
  'orders.crm',
  'orders.account',
  'orders.deal_id',
  'orders.deal_url',
  'orders.owner_id',
  'orders.buyer_contact_id',
  'orders.audience',
  'codes.code_enc',
  'codes.code_mac',
  'codes.state',
  'codes.retired_why',
  'seats.product_key',
  'seats.state',
  'seats.contact_id',
  'seats.operation_id',
  'seats.ended_why',
  'seat_events.actor_kind',
  'seat_events.kind',
  'operations.id',
  'operations.kind',
  'operations.came_from',
  'operations.state',
  'operations.failure_code',
  'operations.actor_kind',
  'redemptions.code_mac',
  'redemptions.platform',
  'redemptions.heard_from',
  'sync_positions.name',
  'findings.kind',
  'findings.decision',
  'findings.outcome',
  'nudges.rule',
  'nudges.state',
  'nudges.mail',
  'nudges.via',
  'nudges.task',
  'nudges.stopped',
  'audit_log.actor_kind',
  'audit_log.what',
]);

describe('the files of the embedded database', () => {
  test('hold no code, and nothing of a person who was erased', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-people-'));
    const store = await openStoreDatabase({ databaseUrl: null, folder, image: await embeddedImage() });
    try {
      const { db } = store;
      const [ana] = await fill(db);
      await live(db, ana as SeatRow);
      await sql`checkpoint`.execute(db);
      expect(await filesWith(folder, TRACES)).not.toEqual([]);
      await copyEmbedded(db, folder, Date.now() - 60_000);
      expect(await filesWith(folder, /canary0000/i)).toEqual([]);
      const erasure = { id: 'k1', email: 'ana.berg@example.org', actor: BO, at: AT };
      const vault = new CodeVault([OLD]);
      const step = () => carryOnErasure({ db, vault }, erasure, () => renewCopies(db, folder));
      while (!(await step()).isOver);
      expect(await listCopies(folder)).toHaveLength(1);
      expect(await filesWith(folder, TRACES)).toEqual([]);
      expect(await filesWith(folder, /eve@example\.org/)).not.toEqual([]);
    } finally {
      await store.close();
      await rm(folder, { recursive: true });
    }
  });
});

async function filesWith(folder: string, text: RegExp): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const file of files.filter((each) => each.isFile())) {
    const path = join(file.parentPath, file.name);
    const bytes = await readFile(path);
    if (text.test(bytes.toString('latin1')) || text.test(bytes.toString('utf8'))) found.push(path);
  }
  return found;
}
