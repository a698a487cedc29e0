import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { Secret } from '../../src/config/secret.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { CodeVault } from '../../src/store/code-vault.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { fillGroup, upsertOrder } from '../../src/store/fill-order.ts';
import { findSeatsByCode, findSeatsByEmail } from '../../src/store/find-seats.ts';
import { recordRedemptions } from '../../src/store/record-redemptions.ts';
import type { StoreSchema } from '../../src/store/schema.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import type { Bench } from '../bench.ts';
import { drive } from '../driver/drive.ts';
import { burst } from '../driver/scenarios.ts';
import { startStandIns } from '../driver/stand-ins.ts';
import { startDealseat } from '../receivers/dealseat.ts';
import { openPostgres, type PostgresDatabase } from '../server/postgres-database.ts';
import { type Spread, spreadOf } from '../statistics.ts';

/** What the store of seats costs, on one of its databases. */
export interface SeatsUse {
  readonly database: StoreDatabase['kind'];
  readonly version: string;
  readonly seats: number;
  /** Until they stood there, deal by deal. */
  readonly fillMs: number;
  readonly byEmail: Search;
  readonly byCode: Search;
  readonly redemptions: { readonly count: number; readonly firstMs: number; readonly againMs: number };
  /** Of all processes of `dealseat start` after a few deals; null: the kernel does not tell. PostgreSQL's own are left out. */
  readonly serviceBytes: number | null;
}

/** One search, beside a bare query of one row by a unique index. */
export interface Search {
  readonly ms: Spread;
  readonly bareMs: Spread;
  readonly ratio: Spread;
}

const SEATS_A_DEAL = 1_000;
const SEARCHES = 200;
const WARM_UPS = 20;
const AT = new Date('2026-01-01T00:00:00Z');

export async function measureSeats(bench: Bench): Promise<SeatsUse[]> {
  const postgres = await openPostgres();
  try {
    return [await measureOn(bench, postgres), await measureOn(bench, null)];
  } finally {
    await postgres.close();
  }
}

async function measureOn(bench: Bench, postgres: PostgresDatabase | null): Promise<SeatsUse> {
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-bench-seats-'));
  const databaseUrl = postgres === null ? null : new Secret(postgres.url);
  const database = await openStoreDatabase({ databaseUrl, folder });
  const { kind, version } = database;
  try {
    const store = { db: database.db, vault: new CodeVault([{ id: 'bench', bytes: randomBytes(32) }]) };
    const seats = bench.effort.mostSeats;
    const startedAt = performance.now();
    for (let deal = 0; deal * SEATS_A_DEAL < seats; deal += 1) await fillDeal(store, deal);
    const fillMs = performance.now() - startedAt;
    if (kind === 'postgresql') await sql`vacuum analyze`.execute(store.db);
    const someone = () => Math.floor(Math.random() * seats);
    const byEmail = await search(store.db, () =>
      findSeatsByEmail(store.db, emailOf(someone()), { limit: 50 }),
    );
    const byCode = await search(store.db, () =>
      findSeatsByCode(store.db, store.vault, codeOf(someone()), { limit: 50 }),
    );
    const redemptions = await measureRedemptions(store, Math.min(10_000, seats));
    await database.close();
    return {
      database: kind,
      version,
      seats,
      fillMs,
      byEmail,
      byCode,
      redemptions,
      serviceBytes: await measureService(bench, databaseUrl),
    };
  } finally {
    await database.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

async function fillDeal(store: SeatStore, deal: number): Promise<void> {
  await inTransaction(store.db, async (trx) => {
    const order = await upsertOrder(
      trx,
      {
        deal: { crm: 'hubspot', account: '1', dealId: String(deal) },
        dealName: `Deal ${deal}`,
        dealUrl: `https://crm.example/${deal}`,
        companyName: `Company ${deal}`,
        ownerId: null,
        buyerContactId: null,
        audience: 'learners',
      },
      AT,
    );
    const first = deal * SEATS_A_DEAL;
    await fillGroup(
      trx,
      store.vault,
      order,
      {
        token: `t${deal}`,
        platform: 'ti',
        groupId: `g${deal}`,
        label: `bench-${deal}`,
        productKey: 'sku:lead-101',
        title: 'Leadership',
        part: 1,
        issued: SEATS_A_DEAL,
        redeemUrl: 'https://learn.example/redeem/{code}',
        client: null,
        codesExpireAt: null,
        accessDays: 365,
        accessUntil: null,
        grants: { courses: ['c'], learningPaths: [], bundles: [], licenses: [] },
      },
      Array.from({ length: SEATS_A_DEAL }, (_, index) => ({
        code: codeOf(first + index),
        isRedeemed: false,
        isWithdrawn: false,
        isHandedOut: true,
        learner: { contactId: String(first + index), email: emailOf(first + index), name: null },
      })),
      { actor: DEALSEAT, at: AT },
    );
  });
}

function codeOf(seat: number): string {
  return `bench${seat.toString(36).padStart(7, '0')}`;
}

function emailOf(seat: number): string {
  return `learner-${seat}@example.com`;
}

/** Turn about, so that a slow moment of the machine hits both. */
async function search(db: Kysely<StoreSchema>, find: () => Promise<readonly unknown[]>): Promise<Search> {
  const samples: { readonly ms: number; readonly bareMs: number }[] = [];
  for (let round = 0; round < WARM_UPS + SEARCHES; round += 1) {
    const bareMs = await took(() =>
      db
        .selectFrom('codes')
        .selectAll()
        .where('id', '=', 1 + round)
        .execute(),
    );
    const ms = await took(find);
    if (round >= WARM_UPS) samples.push({ ms, bareMs });
  }
  return {
    ms: spreadOf(samples.map(({ ms }) => ms)),
    bareMs: spreadOf(samples.map(({ bareMs }) => bareMs)),
    ratio: spreadOf(samples.map(({ ms, bareMs }) => ms / bareMs)),
  };
}

async function took(work: () => Promise<readonly unknown[]>): Promise<number> {
  const startedAt = performance.now();
  const rows = await work();
  if (rows.length !== 1) throw new Error(`Expected one row; found ${rows.length}`);
  return performance.now() - startedAt;
}

async function measureRedemptions(store: SeatStore, count: number): Promise<SeatsUse['redemptions']> {
  const heard = Array.from({ length: count }, (_, seat) => ({
    platform: 'ti',
    code: codeOf(seat),
    from: 'event' as const,
    redeemedAt: AT.toISOString(),
    userId: `user-${seat}`,
    email: emailOf(seat),
  }));
  const record = async () => {
    const startedAt = performance.now();
    const { recorded } = await recordRedemptions(store, heard, AT);
    return { recorded, ms: performance.now() - startedAt };
  };
  const first = await record();
  const again = await record();
  if (first.recorded !== count || again.recorded !== 0)
    throw new Error(
      `Recorded ${first.recorded} of ${count} redemptions, and ${again.recorded} the second time`,
    );
  return { count, firstMs: first.ms, againMs: again.ms };
}

/** `dealseat start` on that database, after some deals. */
async function measureService({ effort, report }: Bench, databaseUrl: Secret | null): Promise<number | null> {
  await using stack = new AsyncDisposableStack();
  const sandbox = await startStandIns({});
  stack.defer(() => sandbox.close());
  const env = databaseUrl === null ? {} : { DATABASE_URL: databaseUrl.reveal() };
  const receiver = await startDealseat({ sandbox, report, env });
  stack.defer(() => receiver.stop());
  const result = await drive(sandbox, receiver, burst(effort.scale));
  return result.memoryBytes;
}
