import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { auditSeats } from '../../src/runs/audit/audit-seats.ts';
import { rebuildDeal } from '../../src/runs/rebuild/rebuild-seats.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { decideLateRedemption } from '../../src/store/decide-late.ts';
import { LATE_REDEMPTION } from '../../src/store/late-redemptions.ts';
import { readOpenFindings } from '../../src/store/read-findings.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { operator } from '../activities/operate.ts';
import { openSeatWorld, type SeatWorld } from '../activities/seat-world.ts';
import { DEALS, forLearners, type SandboxCrm } from '../activities/world.ts';
import { openSeatStore, seatsIn } from '../support/seat-store.ts';
import { createPostgresqlDatabase, POSTGRESQL_VARIABLE } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';

/** A database on a disk is made twice, and a deal is delivered. */
const TEST_MS = 180_000;

const MIA = 'mia@acme.example';
const EVENTS = { platform: 'ti', overlapMs: 900_000, maxPages: 10 };

/** A database on a disk or a server, which can be lost as a whole. */
interface Losable {
  open(): Promise<SeatStore & { close(): Promise<void> }>;
  /** Deletes all there is of it. */
  lose(): Promise<void>;
}

async function postgresql(): Promise<Losable> {
  let database = await createPostgresqlDatabase('template0');
  return {
    open: async () => {
      const { db, close } = await openStoreDatabase({ databaseUrl: database.url });
      return { db, vault: testVault, close };
    },
    lose: async () => {
      await database.drop();
      database = await createPostgresqlDatabase('template0');
    },
  };
}

async function embedded(): Promise<Losable> {
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-lost-'));
  return {
    open: async () => {
      const { db, close } = await openStoreDatabase({ databaseUrl: null, folder });
      return { db, vault: testVault, close };
    },
    lose: () => rm(folder, { recursive: true }),
  };
}

const AUDIENCES: readonly (readonly [string, (example: Catalog) => Catalog])[] = [
  ['the buyer', (example) => example],
  ['learners, and the buyer for the rest', forLearners],
  [
    'learners, with codes kept',
    (example) => {
      const given = forLearners(example);
      return { ...given, handOver: { ...given.handOver, leftOver: 'laterLearners' } };
    },
  ],
];

interface Case {
  readonly engine: () => Promise<Losable>;
  readonly crm: SandboxCrm;
  readonly catalog: (example: Catalog) => Catalog;
}

const ON_POSTGRESQL = process.env[POSTGRESQL_VARIABLE] !== undefined;

const cases = AUDIENCES.flatMap(([audience, catalog]): [string, Case][] => [
  [
    `the folder of the embedded database is deleted, of a HubSpot deal of ${audience}`,
    { engine: embedded, crm: 'hubspot', catalog },
  ],
  ...(ON_POSTGRESQL
    ? [
        [
          `the PostgreSQL database is dropped, of a Salesforce deal of ${audience}`,
          { engine: postgresql, crm: 'salesforce', catalog },
        ] as [string, Case],
      ]
    : []),
]);

describe('After a lost code, a seat that was taken back, and others in use', () => {
  test.each(cases)(
    '%s -> a rebuild gives no code away that somebody may have, and says what it cannot tell',
    async (_, { engine, crm, catalog }) => {
      await afterLoss({ engine, crm, catalog }, async ({ world, before, store }) => {
        const deps = { ...world.deps, seats: store };
        const { signal } = new AbortController();
        expect(await rebuildDeal(deps, DEALS[crm], signal)).toMatchObject({ is: 'rebuilt' });
        const after = await seatsIn(store);
        const findings = await readOpenFindings(store.db, { limit: 10 });
        compare(before, after, findings.length > 0);
        expect(await rebuildDeal(deps, DEALS[crm], signal)).toMatchObject({ is: 'there', seats: 0 });
        const audited = await auditSeats(deps, { limit: 10, maxRequests: 100, signal });
        expect(audited.findings.map(({ kind }) => kind)).toEqual([]);
      });
    },
    TEST_MS,
  );
});

test.each([
  ['the embedded database', embedded],
  ...(ON_POSTGRESQL ? [['PostgreSQL', postgresql] as const] : []),
])(
  'two rebuilds of one deal at once, on %s -> as many seats as after one of them',
  async (_, engine) => {
    const lost: Case = { engine, crm: 'hubspot', catalog: (example) => example };
    await afterLoss(lost, async ({ world, before, store }) => {
      const bothHaveLooked = meetingOf(2);
      const platforms = Object.entries(world.deps.platforms).map(([name, lms]) => {
        const holds: typeof lms.learners.holds = async (...asked) => {
          await bothHaveLooked();
          return await lms.learners.holds(...asked);
        };
        return [name, { ...lms, learners: { ...lms.learners, holds } }];
      });
      const deps = { ...world.deps, platforms: Object.fromEntries(platforms), seats: store };
      const { signal } = new AbortController();
      const rebuilt = await Promise.all([1, 2].map(() => rebuildDeal(deps, DEALS.hubspot, signal)));
      expect(rebuilt.map(({ is }) => is).sort()).toEqual(['rebuilt', 'there']);
      compare(before, await seatsIn(store), true);
    });
  },
  TEST_MS,
);

interface Loss {
  readonly world: SeatWorld;
  /** What was lost. */
  readonly before: Seats;
  /** Empty. */
  readonly store: SeatStore;
}

/** Seats are changed, and the database that knows it is lost. */
async function afterLoss({ engine, crm, catalog }: Case, look: (loss: Loss) => Promise<void>): Promise<void> {
  const losable = await engine();
  const first = await losable.open();
  const world = await openSeatWorld(crm, { catalog, seats: first });
  try {
    await changeSeats(world);
    const before = await seatsIn(first);
    await first.close();
    await losable.lose();
    const store = await losable.open();
    try {
      await look({ world, before, store });
    } finally {
      await store.close();
    }
  } finally {
    await world.close();
    await losable.lose();
  }
}

/** Whoever comes waits until as many are there. */
function meetingOf(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let here = 0;
  return () => {
    here += 1;
    if (here === size) resolve();
    return promise;
  };
}

test('a buyer’s learner uses a new code that the rebuild could not tell -> the access is not ended by a rule, but a person is asked, and decides', async () => {
  const store = await openSeatStore();
  const world = await openSeatWorld('hubspot', { seats: store, rule: 'revoke' });
  try {
    await changeSeats(world);
    const renewed = (await seatsIn(store)).find(
      ({ state, purpose }) => state === 'exposed' && purpose === 'replacement',
    );
    await store.clear();
    await rebuildDeal({ ...world.deps, seats: store }, DEALS.hubspot, new AbortController().signal);
    const [finding] = await readOpenFindings(store.db, { limit: 10 });
    expect(finding).toMatchObject({
      kind: 'rebuild.unsure',
      text: expect.stringContaining('it cannot tell whether their seats were taken back'),
    });
    world.sandbox.ti.state.redeem(renewed?.code ?? '', MIA);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ late: 1 });
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ revoked: 0, asked: 1 });
    expect(world.sandbox.ti.state.users.find(MIA)?.access.map(({ isOver }) => isOver)).toEqual([false]);
    const late = (await readOpenFindings(store.db, { limit: 10 })).find(
      ({ kind }) => kind === LATE_REDEMPTION,
    );
    expect(late?.text).toContain('may have been taken back before the database was rebuilt');
    await decideLateRedemption(store, {
      id: randomUUID(),
      seatId: late?.seat_id ?? '',
      decision: 'keep',
      actor: { kind: 'person', name: 'kim' },
      reason: 'the buyer gave it to Mia',
      at: new Date(),
    });
    expect((await readOpenFindings(store.db, { limit: 10 })).map(({ kind }) => kind)).toEqual([
      'rebuild.unsure',
    ]);
  } finally {
    await world.close();
    await store.close();
  }
});

type Seats = Awaited<ReturnType<typeof seatsIn>>;

/** One learner lost the code, another one's seat is taken back, a third one uses theirs. */
async function changeSeats(world: SeatWorld): Promise<void> {
  const operate = operator(world);
  const live = async () => (await seatsIn(world.store)).filter(({ state }) => state !== 'ended');
  const [lost] = (await live()).sort((a, b) => Number(a.contact_id === null) - Number(b.contact_id === null));
  await operate({ kind: 'reissue', seatId: lost?.id ?? '', input: { how: 'new_code' } });
  const others = (await live()).filter(({ id, state }) => id !== lost?.id && state === 'exposed');
  const [used, revoked] = others;
  for (const seat of [used, revoked]) {
    if (seat?.code) world.sandbox.ti.state.redeem(seat.code, `user-${seat.code}@acme.example`);
  }
  await world.sync('readRedemptions', EVENTS);
  if (revoked) await operate({ kind: 'revoke', seatId: revoked.id, input: {} });
}

function compare(before: Seats, after: Seats, isInDoubt: boolean): void {
  const live = (seats: Seats) => seats.filter(({ state }) => state !== 'ended');
  const codes = (seats: Seats, is: (seat: Seats[number]) => boolean) =>
    new Set(seats.filter(is).map(({ code }) => code));
  expect(live(after)).toHaveLength(live(before).length);
  // Who has a link keeps the seat.
  const held = (seats: Seats) =>
    live(seats).flatMap(({ code, contact_id: id, state }) => (id === null ? [] : [{ code, id, state }]));
  expect(held(after)).toEqual(held(before));
  // Nothing that somebody may have seen is free.
  const unseen = codes(before, ({ code_state: state }) => state === 'sealed');
  for (const { code, state } of live(after))
    if (state === 'free' && code !== null) expect(unseen).toContain(code);
  // What was in use is so, and what was retired is not, or a person is told.
  const isUsed = ({ state }: Seats[number]) => state === 'redeemed';
  const isOver = ({ code_state: state }: Seats[number]) => state === 'retired';
  if (isInDoubt) return;
  expect(codes(after, isUsed)).toEqual(codes(before, isUsed));
  for (const code of codes(before, isOver)) expect(codes(live(after), () => true)).not.toContain(code);
}
