import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { OperationAsk } from '../../src/domain/seats/operation.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { ledgerFaults } from '../support/ledger.ts';
import { openSeatWorld, type SeatWorld } from '../support/seat-world.ts';
import { serverAddress } from '../support/server.ts';
import { learner, SOLD_AT, sellAtPlatform } from '../support/sold-seats.ts';
import {
  ASKING_KEY,
  type KillPoint,
  type SeatWorkerOrder,
  startSeatWorker,
} from '../support/start-seat-worker.ts';
import { createPostgresqlDatabase, POSTGRESQL_VARIABLE } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';
import { until, WAIT_MS } from '../support/until.ts';

jest.setTimeout(2 * WAIT_MS);

const isLong = process.env.DEALSEAT_KILLS_FORM === 'long';

type Kind = OperationAsk['kind'];

/** The activities that a run of each kind takes, and the calls to vendors whose answer may be lost with the process. */
const ON_THE_WAY: Readonly<
  Record<Kind, { readonly steps: readonly string[]; readonly calls: readonly string[] }>
> = {
  revoke: {
    steps: [
      'endAccess',
      'keepCode',
      'makeReplacementGroup',
      'takeReplacementCodes',
      'replaceCode',
      'writeLinks',
    ],
    calls: ['revoke'],
  },
  reassign: {
    steps: [
      'endAccess',
      'keepCode',
      'makeReplacementGroup',
      'takeReplacementCodes',
      'replaceCode',
      'writeLinks',
    ],
    calls: ['revoke', 'writeRedeemLinks'],
  },
  extend: { steps: ['changeAccessEnd'], calls: ['setAccessEnd'] },
  shorten: { steps: ['changeAccessEnd'], calls: ['setAccessEnd'] },
  reissue: {
    steps: ['keepCode', 'makeReplacementGroup', 'takeReplacementCodes', 'replaceCode', 'writeLinks'],
    calls: ['writeRedeemLinks'],
  },
  grant: { steps: ['giveAccess'], calls: ['grant', 'setAccessEnd'] },
};

function pointsOf(kind: Kind): KillPoint[] {
  const { steps, calls } = ON_THE_WAY[kind];
  const all = ['beginOperation', ...steps, 'settleOperation'];
  return [
    ...ASKED,
    ...all.flatMap((step) => [
      { step, when: 'before' as const },
      { step, when: 'after' as const },
    ]),
    ...calls.map((step) => ({ step, when: 'inside' as const })),
  ];
}

/** Of the process that is asked: before it did anything, when all is on record, when the run is started, before it answers. */
const ASKED: readonly KillPoint[] = [
  { step: 'ask', when: 'before' },
  { step: 'start', when: 'before' },
  { step: 'start', when: 'after' },
  { step: 'ask', when: 'after' },
];

const KINDS = Object.keys(ON_THE_WAY) as Kind[];

const POINTS: readonly (readonly [Kind, KillPoint])[] = isLong
  ? KINDS.flatMap((kind) => pointsOf(kind).map((point) => [kind, point] as const))
  : [
      ['reassign', { step: 'makeReplacementGroup', when: 'after' }],
      ['reassign', { step: 'writeRedeemLinks', when: 'inside' }],
      ['grant', { step: 'grant', when: 'inside' }],
      ['extend', { step: 'ask', when: 'before' }],
      ['grant', { step: 'start', when: 'before' }],
      ['revoke', { step: 'ask', when: 'after' }],
    ];

/** Each has two processes of its own, which mostly wait. */
const AT_ONCE = 3;

const describePostgresql = process.env[POSTGRESQL_VARIABLE] === undefined ? describe.skip : describe;

describePostgresql('A process that is killed on an operation on a seat', () => {
  let world: SeatWorld;
  let folder: string;
  const open = new AsyncDisposableStack();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dealseat-kills-'));
    open.defer(() => rm(folder, { recursive: true }));
    world = await openSeatWorld({ store: (await openOwn(open)).store, runsWorker: false });
    open.defer(() => world.close());
  });

  afterAll(() => open.disposeAsync());

  for (let first = 0; first < POINTS.length; first += AT_ONCE) {
    const some = POINTS.slice(first, first + AT_ONCE);
    const names = some.map(([kind, { step, when }]) => `${kind} ${when} ${step}`);
    test(`${names.join(', ')} -> the next one ends it once`, () =>
      Promise.all(some.map(([kind, point]) => killAndEnd(world, folder, kind, point))));
  }
});

/** A database of its own, because its workers start whatever was left behind in it. */
async function openOwn(stack: AsyncDisposableStack) {
  const database = await createPostgresqlDatabase();
  stack.defer(() => database.drop());
  const opened = await openStoreDatabase({ databaseUrl: database.url });
  stack.defer(() => opened.close());
  return { url: database.url.reveal(), store: { db: opened.db, vault: testVault } };
}

async function killAndEnd(world: SeatWorld, folder: string, kind: Kind, point: KillPoint): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const { url: databaseUrl, store } = await openOwn(stack);
  const order: SeatWorkerOrder = {
    address: serverAddress(),
    taskQueue: `test-${randomUUID()}`,
    bundlePath: world.bundlePath,
    systems: world.systems,
    databaseUrl,
    folder: await mkdtemp(join(folder, 'worker-')),
  };
  await kill(world, store, order, kind, point);
}

async function kill(
  world: SeatWorld,
  store: SeatStore,
  order: SeatWorkerOrder,
  kind: Kind,
  point: KillPoint,
): Promise<void> {
  const { hubspot, ti } = world.sandbox;
  const name = randomUUID().slice(0, 8);
  const [from, to] = [`${name}@from.example`, `${name}@to.example`];
  const [old, fresh] = [from, to].map((email) => hubspot.state.createContact({ email })) as [string, string];
  const isGrant = kind === 'grant';
  const isUsed = !isGrant && kind !== 'reissue';
  const { seats, codes } = await sellAtPlatform(store, world.lms, {
    deal: world.newDeal(),
    seats: 1,
    learners: isGrant ? [] : [learner(from, old)],
    used: isUsed ? 1 : 0,
  });
  const [seat] = seats;
  const [code = ''] = codes;
  if (isUsed) ti.state.redeem(code, from);
  if (!isGrant)
    await world.crm.writeRedeemLinks(new Map([[old, `https://learn.vendor.example/redeem/${code}`]]));
  const person = { email: to, firstName: 'Cy', lastName: 'Moss', contactId: fresh };
  const asks: Readonly<Record<Kind, OperationAsk>> = {
    revoke: { kind: 'revoke', input: {} },
    reassign: { kind: 'reassign', input: { to: person, by: 'code' } },
    extend: { kind: 'extend', input: { until: '2029-12-31T23:59:59.000Z' } },
    shorten: { kind: 'shorten', input: { until: '2026-12-31T23:59:59.000Z' } },
    reissue: { kind: 'reissue', input: { how: 'new_code' } },
    grant: { kind: 'grant', input: { to: person } },
  };
  const request = {
    ...asks[kind],
    id: randomUUID(),
    seatId: seat?.id ?? '',
    actor: { kind: 'person', name: 'Kim Vale' },
    reason: 'left',
    at: new Date(SOLD_AT.getTime() + 3_600_000),
  } as OperationRequest;

  const isAsker = ASKED.some(({ step }) => step === point.step);
  const serving = isAsker ? { serves: true as const } : {};
  // Else whoever asked has died after the commit: the workers find it.
  if (!isAsker) await requestOperation(store, request);
  {
    await using first = startSeatWorker({ ...order, ...serving, diesAt: point });
    if (isAsker) await expect(askBy(await first.url, request)).rejects.toThrow('fetch failed');
    expect(await first.died).toBe('SIGKILL');
  }
  await using second = startSeatWorker({ ...order, ...serving });
  const asked = () => store.db.selectFrom('operations').selectAll().execute();
  const isOnRecord = (await asked()).length > 0;
  expect(isOnRecord).toBe(!(point.step === 'ask' && point.when === 'before'));
  // What is on record goes on by itself, and who repeats the request joins it.
  if (!isOnRecord) expect((await askBy(await second.url, request)).status).toBe(202);
  await until('the operation has ended', async () =>
    (await asked()).every(({ settled_at: settled }) => settled !== null),
  );
  const [operation] = await asked();
  expect(operation).toMatchObject({ kind, state: 'done', failure_code: null });
  if (isAsker) {
    const repeated = await askBy(await second.url, request);
    expect(await repeated.json()).toMatchObject({ id: operation?.id, state: 'done' });
  }
  expect(await asked()).toHaveLength(1);

  expect(await ledgerFaults(store, seat?.order_id ?? 0, 1)).toEqual([]);
  const isReplaced = kind === 'revoke' || kind === 'reassign' || kind === 'reissue';
  const groups = ti.state.groups.filter(({ label }) => label.startsWith('acme-leadership-2026-11-20-'));
  const made = await store.db.selectFrom('code_groups').select('label').execute();
  expect(made).toHaveLength(isReplaced ? 2 : 1);
  expect(groups.filter(({ label }) => made.some((one) => one.label === label))).toHaveLength(made.length);
  expect(ti.state.users.destroyed).toEqual([]);
  const accessOf = (email: string) =>
    (ti.state.users.find(email)?.access ?? []).filter(({ isOver }) => !isOver);
  const linkOf = (id: string) => hubspot.state.valuesOf('contacts', id).dealseat_redeem_link ?? '';
  expect(accessOf(from)).toHaveLength(isUsed && !isReplaced ? 1 : 0);
  expect(accessOf(to)).toHaveLength(isGrant ? 1 : 0);
  if (isReplaced) expect(linkOf(old)).not.toContain(code);
  expect(linkOf(fresh) === '').toBe(kind !== 'reassign');
  expect(linkOf(fresh)).not.toContain('\n');
  const live = await store.db
    .selectFrom('seats')
    .select(['state', 'learner_key'])
    .where('order_id', '=', seat?.order_id ?? 0)
    .where('state', '<>', 'ended')
    .execute();
  expect(live).toEqual([LEFT[kind](from, to)]);
}

function askBy(url: string, { id, kind, seatId, input, reason }: OperationRequest): Promise<Response> {
  const { by: give, ...rest } = { by: undefined, ...input };
  return fetch(`${url}/api/seat-operations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ASKING_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': id,
    },
    body: JSON.stringify({ kind, seatId, reason, ...rest, ...(give === undefined ? {} : { give }) }),
  });
}

const LEFT: Readonly<Record<Kind, (from: string, to: string) => object>> = {
  revoke: () => ({ state: 'free', learner_key: null }),
  reassign: (_, to) => ({ state: 'exposed', learner_key: to }),
  extend: (from) => ({ state: 'redeemed', learner_key: from }),
  shorten: (from) => ({ state: 'redeemed', learner_key: from }),
  reissue: (from) => ({ state: 'exposed', learner_key: from }),
  grant: (_, to) => ({ state: 'redeemed', learner_key: to }),
};
