import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSeatSyncActivities } from '../../activities/seat-sync.ts';
import type { SeatSyncActivities } from '../../src/contracts/seat-sync.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { endSeat } from '../../src/store/fill-order.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { exampleCatalog, sandboxDeps } from '../support/sandbox-activities.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { DEALS, openWorld, type SandboxCrm, type World, type WorldOptions } from './world.ts';

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
  const codes = await deliver(world, crm);
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

async function deliver(world: World, crm: SandboxCrm): Promise<string[]> {
  const { deal, hold, plan, groups, roster } = await world.prepareMessages(crm);
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
  return groups.flatMap(({ groupId }) => world.sandbox.ti.state.codesOf(groupId).map(({ code }) => code));
}
