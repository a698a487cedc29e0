import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSeatSyncActivities } from '../../activities/seat-sync.ts';
import type { SendMessagesInput, WithdrawSeatsInput } from '../../src/contracts/activities.ts';
import type { SeatSyncActivities } from '../../src/contracts/seat-sync.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { newestSold } from '../../src/store/access-terms.ts';
import { endSeat } from '../../src/store/fill-order.ts';
import { noteGranted } from '../../src/store/note-access.ts';
import { requestOperation } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { settleOperation } from '../../src/store/settle-operation.ts';
import { exampleCatalog, sandboxDeps } from '../support/sandbox-activities.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import { seenDeal } from './seen-deal.ts';
import { DEALS, OTHER_RUN, openWorld, type SandboxCrm, type World, type WorldOptions } from './world.ts';

type Step = keyof SeatSyncActivities;

/** A seeded deal that was delivered, with the store that its delivery filled, and the sync of seats. */
export interface SeatWorld extends World {
  readonly store: SeatStore;
  /** All codes of the deal, those of one product together. */
  readonly codes: readonly string[];
  readonly deps: ReturnType<typeof sandboxDeps>;
  /** What the clock of the sync says besides the real one. */
  ahead(ms: number): void;
  sync<S extends Step>(
    step: S,
    input: Parameters<SeatSyncActivities[S]>[0],
  ): Promise<Awaited<ReturnType<SeatSyncActivities[S]>>>;
  /** The withdrawal of all seats of the deal but `left` of each product. */
  withdrawal(left?: number): WithdrawSeatsInput;
  /** A seat is free, and then given to a person without a code: the id of the seat. */
  grant(email: string): Promise<string>;
  /** Whether the learning platform shows that the person has what a product of the deal gives. */
  has(email: string): Promise<boolean>;
  /** The seat of a code ends, and the code must not be used any more. */
  takeBack(code: string): Promise<void>;
}

export async function openSeatWorld(
  crm: SandboxCrm,
  { rule = 'ask', seats, ...options }: WorldOptions & { readonly rule?: Catalog['lateRedemption'] } = {},
): Promise<SeatWorld> {
  const own = seats === undefined ? await openSeatStore() : null;
  const store = seats ?? own;
  if (store === null) throw new Error('there is a store, of the test or of the world');
  const world = await openWorld({ ...options, seats: store });
  const { ti, hubspot, salesforce } = world.sandbox;
  const deps = sandboxDeps(
    {
      urls: { ti: ti.url, hubspot: hubspot.url, salesforce: salesforce.url },
      portalId: DEALS.hubspot.account,
      orgId: DEALS.salesforce.account,
      callTimeoutMs: 10_000,
      believedMs: 0,
    },
    { catalog: exampleCatalog((example) => ({ ...example, lateRedemption: rule })), wonSince: {} },
  );
  let aheadMs = 0;
  const activities = createSeatSyncActivities({ ...deps, seats: store, now: () => Date.now() + aheadMs });
  const delivery = await deliver(world, crm);
  const codes = codesOf(world, delivery);
  const { learners } = Object.values(deps.platforms)[0] ?? {};
  if (learners === undefined) throw new Error('there is no platform');
  return {
    ...world,
    store,
    codes,
    deps,
    ahead(ms) {
      aheadMs += ms;
    },
    sync: (step, input) =>
      new MockActivityEnvironment(
        { startToCloseTimeoutMs: 60_000 },
        { logger: new DefaultLogger('ERROR') },
      ).run(activities[step] as never, input) as never,
    withdrawal(left = 0) {
      const { deal, hold, plan, groups } = delivery;
      const one = withdrawalOfOneSeat(plan, groups);
      const remaining = one.groups.map((group) => ({ ...group, seatCount: left }));
      const seen = { ...hold, run: OTHER_RUN, seen: seenDeal(world.sandbox, crm).field('claim') };
      return { deal, hold: seen, withdrawal: { ...one, groups: remaining } };
    },
    async grant(email) {
      const { id: seatId } = await store.db
        .selectFrom('seats')
        .select('id')
        .where('state', '=', 'exposed')
        .orderBy('product_key')
        .executeTakeFirstOrThrow();
      const sealed = { state: 'sealed', handed_out_at: null } as const;
      await store.db
        .updateTable('codes')
        .set(sealed)
        .where('id', 'in', (seat) => seat.selectFrom('seats').select('code_id').where('id', '=', seatId))
        .execute();
      await store.db.updateTable('seats').set({ state: 'free' }).where('id', '=', seatId).execute();
      const { operation, seat } = await requestOperation(store, {
        id: `grant-${seatId}`,
        kind: 'grant',
        seatId,
        input: { to: { email, firstName: null, lastName: null, contactId: null } },
        actor: { kind: 'person', name: 'Kim' },
        reason: 'signed up by phone',
        at: new Date(),
      });
      const { grants } = await newestSold(store.db, seat);
      const { userId } = await learners.grant({ email, firstName: null, lastName: null, grants });
      await noteGranted(store, operation.id, { userId, until: null, at: new Date() });
      await settleOperation(store, operation.id, new Date());
      return seatId;
    },
    async has(email) {
      const user = await learners.find(email);
      const groups = await store.db.selectFrom('code_groups').select('grants').execute();
      for (const { grants } of groups) {
        const held = user === null ? [] : await learners.holds({ userId: user.id, grants });
        if (held.some((one) => one.held === 'yes')) return true;
      }
      return false;
    },
    async takeBack(code) {
      await store.db.transaction().execute(async (trx) => {
        const { seat_id, version, code_id } = await trx
          .selectFrom('seats')
          .innerJoin('codes', 'codes.id', 'seats.code_id')
          .select(['seats.id as seat_id', 'seats.version', 'codes.id as code_id'])
          .where('codes.code_mac', 'in', [...store.vault.macsOf(code)])
          .executeTakeFirstOrThrow();
        await endSeat(trx, { id: seat_id, version }, 'withdrawn', {
          actor: DEALSEAT,
          reason: null,
          at: new Date(),
        });
        await trx
          .updateTable('codes')
          .set({ state: 'retired', retired_why: 'withdrawn' })
          .where('id', '=', code_id)
          .execute();
      });
    },
    async close() {
      await world.close();
      await own?.close();
    },
  };
}

async function deliver(world: World, crm: SandboxCrm): Promise<SendMessagesInput> {
  const delivery = await world.prepareMessages(crm);
  const { deal, hold, plan, groups, roster } = delivery;
  await world.run('concludeDelivery', {
    deal,
    hold,
    write: {
      what: 'mark',
      status: 'Delivered',
      detail: 'done',
      facts: { seatCount: plan.seatCount, groupLabels: [], groupIds: [], rosterUrl: roster.url },
      ledger: deliveredLedger(plan, groups, roster),
    },
    notice: { ownerId: plan.ownerId, key: 'delivered-1', subject: 'done', text: 'done', priority: 'low' },
  });
  return delivery;
}

function codesOf({ sandbox }: World, { groups }: SendMessagesInput): string[] {
  return groups.flatMap(({ groupId }) => sandbox.ti.state.codesOf(groupId).map(({ code }) => code));
}
