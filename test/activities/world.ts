import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { type ActivityDeps, createActivities } from '../../activities/index.ts';
import type { LagStore } from '../../activities/lags.ts';
import type { Fault } from '../../sandbox/faults.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import type {
  ClearLinksInput,
  EnsureCodeGroupInput,
  HandOverInput,
  HoldInput,
  ProvisioningActivities,
  SendMessagesInput,
  UnderHold,
} from '../../src/contracts/activities.ts';
import type { Source } from '../../src/contracts/run.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import type { HoldBounds } from '../../src/domain/deal/hold.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { notedLedger } from '../../src/domain/planning/ledger-after.ts';
import type { Plan, PlannedGroup } from '../../src/domain/planning/plan.ts';
import type { More, Reading } from '../../src/domain/planning/reading.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { convertFailures } from '../../src/temporal/failure-conversion.ts';
import { traceActivity } from '../../src/temporal/tracing.ts';
import { exampleCatalog, sandboxActivities, sandboxDeps } from '../support/sandbox-activities.ts';

/** The CRMs that have a stand-in. */
export type SandboxCrm = 'hubspot' | 'salesforce';

/** The seeded deals of the stand-ins; both have 20 seats or more of at most two products. */
export const DEALS: Readonly<Record<SandboxCrm, DealRef>> = {
  hubspot: { crm: 'hubspot', account: '62515', dealId: '9001' },
  salesforce: { crm: 'salesforce', account: '00D5Y000001MPM7UAO', dealId: '0065Y00001Suvw6QAB' },
};

/** Patience for lost answers: short, but longer than a busy machine needs for one look. */
export const PATIENCE = { lookUpMs: 1_000, lookUpIntervalMs: 20 };

export const DEPLOYMENT = 'default/activity-tests';
export const OTHER_DEPLOYMENT = 'default/another-server';

/** The run that works on the deal, and one that worked on it before or after. */
export const RUN = 'run-1';
export const OTHER_RUN = 'run-2';

/** A hold that is believed as soon as the field could be written. */
const BOUNDS: HoldBounds = { pauseMs: 60, leaseMs: 3_600_000 };

/** Of a run that found no hold on the deal when it read it. */
export const HOLD: HoldInput = { run: RUN, seen: null, bounds: BOUNDS };

/** Bound of one call in a world that does not say otherwise. */
const CALL_TIMEOUT_MS = 10_000;

export interface WorldOptions {
  readonly sandbox?: SandboxOptions;
  readonly catalog?: (example: Catalog) => Catalog;
  /** Where observations are kept; by default the accounts are known to be slow, and none is watched. */
  readonly lagStore?: LagStore;
  /** Absent: the activities have no seat store. */
  readonly seats?: SeatStore;
  /** Short where a test stalls an answer. */
  readonly callTimeoutMs?: number;
  /** 0 where each answer of HubSpot is to count. */
  readonly believedMs?: number;
}

type Activity = keyof ProvisioningActivities;
type Input<A extends Activity> = Parameters<ProvisioningActivities[A]>[0];
type Implementation<A extends Activity> = (input: Input<A>) => Promise<Result<A>>;
type Result<A extends Activity> = Awaited<ReturnType<ProvisioningActivities[A]>>;

export interface Attempt {
  readonly attempt?: number;
  readonly retryPolicy?: NonNullable<Info['retryPolicy']>;
  readonly scheduledTimestampMs?: number;
  readonly workflowExecution?: NonNullable<Info['workflowExecution']>;
  /** Bound of the attempt. */
  readonly startToCloseTimeoutMs?: number;
  /** The same for all attempts of one execution. */
  readonly activityId?: string;
  /** What the attempt before left behind. */
  readonly heartbeatDetails?: unknown;
  readonly onHeartbeat?: (details: unknown) => void;
}

/** The real activities over the real client libraries, on stand-ins over HTTP. */
export interface World {
  readonly sandbox: Sandbox;
  /** What the activities work with. */
  readonly deps: ActivityDeps;
  /** Runs one attempt as a worker would: failures come out as Temporal gets them. */
  run<A extends Activity>(name: A, input: Input<A>, attempt?: Attempt): Promise<Result<A>>;
  /** The same by a deployment that serves the same accounts and knows nothing of this one. */
  elsewhere<A extends Activity>(name: A, input: Input<A>): Promise<Result<A>>;
  /** A running attempt that can be cancelled. */
  start<A extends Activity>(name: A, input: Input<A>): { done: Promise<Result<A>>; cancel(): void };
  fail(fault: Fault): void;
  /** Changes the catalog of the worker, as a restart with another file would. */
  setCatalog(change: (catalog: Catalog) => Catalog): void;
  read(deal: DealRef, source?: Source): Promise<Reading>;
  /** The reading of a deal that has seats to be made or handed over. */
  readMore(deal: DealRef, source?: Source): Promise<More>;
  plan(crm: SandboxCrm): Promise<Plan>;
  /** Everything that the hand-over of a deal needs: its groups exist. */
  prepare(crm: SandboxCrm): Promise<HandOverInput>;
  prepareDeal(deal: DealRef): Promise<HandOverInput>;
  /** Everything that its messages need: the roster is on the deal. */
  prepareMessages(crm: SandboxCrm): Promise<SendMessagesInput>;
  /** The same after the groups exist. */
  prepareToSend(handOver: HandOverInput): Promise<SendMessagesInput>;
  close(): Promise<void>;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const sandbox = await startSandbox({
    ...options.sandbox,
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true }, ...options.sandbox?.ti },
    hubspot: {
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
      ...options.sandbox?.hubspot,
    },
  });
  const { ti, hubspot, salesforce } = sandbox;
  const systems = {
    urls: { ti: ti.url, hubspot: hubspot.url, salesforce: salesforce.url },
    portalId: DEALS.hubspot.account,
    orgId: DEALS.salesforce.account,
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    ...(options.believedMs === undefined ? {} : { believedMs: options.believedMs }),
  };
  const settings = { catalog: exampleCatalog(options.catalog), wonSince: {} };
  const deps = sandboxDeps(systems, settings, DEPLOYMENT, options);
  const activities = createActivities(deps);
  const others = sandboxActivities(systems, settings, OTHER_DEPLOYMENT);
  const environment = (info: Partial<Info> = {}) =>
    new MockActivityEnvironment(
      { startToCloseTimeoutMs: 60_000, ...info },
      {
        // Failures are what these tests are about; the log would be full of them.
        logger: new DefaultLogger('ERROR'),
        interceptors: [
          () => ({ inbound: convertFailures }),
          (context) => ({ inbound: traceActivity(context) }),
        ],
      },
    );
  const call = <A extends Activity>(
    env: MockActivityEnvironment,
    name: A,
    input: Input<A>,
    { [name]: activity }: ProvisioningActivities = activities,
  ) => env.run<[Input<A>], Result<A>, Implementation<A>>(activity as Implementation<A>, input);

  const world: World = {
    sandbox,
    deps,
    run(name, input, { onHeartbeat, ...attempt } = {}) {
      const env = environment({ activityType: name, ...attempt });
      if (onHeartbeat) env.on('heartbeat', onHeartbeat);
      return call(env, name, input);
    },
    elsewhere: (name, input) => call(environment({ activityType: name }), name, input, others),
    start(name, input) {
      const env = environment({ activityType: name });
      return { done: call(env, name, input), cancel: () => env.cancel() };
    },
    fail: (fault) => sandbox.faults.add(fault),
    setCatalog(change) {
      settings.catalog = change(settings.catalog);
    },
    async read(deal, source = 'event') {
      const reading = await world.run('planDeal', { deal, source });
      if (reading.kind === 'unchanged') throw new Error('nothing was seen before');
      return reading;
    },
    async readMore(deal, source) {
      const reading = await world.read(deal, source);
      if (reading.kind !== 'more') throw new Error(`expected a plan, found ${JSON.stringify(reading)}`);
      return reading;
    },
    plan: async (crm) => (await world.readMore(DEALS[crm])).plan,
    prepare: (crm) => world.prepareDeal(DEALS[crm]),
    async prepareDeal(deal) {
      const { plan, deal: read } = await world.readMore(deal);
      const hold = { ...HOLD, seen: read.hold };
      const groups = [];
      for (const group of plan.groups) {
        const { token, platform, label, seatCount, existing } = group;
        groups.push(
          existing
            ? {
                token,
                platform,
                groupId: existing.groupId,
                label,
                seatCount,
                wasAdopted: true,
                isListed: true,
                orphans: [],
              }
            : await world.run('ensureCodeGroup', ensuring(plan, group, hold)),
        );
      }
      return { deal, hold, plan, groups, isRosterOut: false };
    },
    prepareMessages: async (crm) => world.prepareToSend(await world.prepare(crm)),
    async prepareToSend(handOver) {
      const roster = await world.run('attachRoster', handOver);
      return {
        ...handOver,
        roster,
        ledger: notedLedger(handOver.plan, handOver.groups),
        isResumed: false,
        outcomes: {},
        finding: null,
        ...PATIENCE,
      };
    },
    close: () => sandbox.close(),
  };
  return world;
}

export function ensuring({ deal }: Plan, group: PlannedGroup, hold: HoldInput = HOLD): EnsureCodeGroupInput {
  return { deal, hold, group, pinnedGroupId: null, ...PATIENCE };
}

/** The undo of the links that `attachRoster` writes. */
export function clearingLinks({ deal, hold, plan, groups }: HandOverInput): ClearLinksInput {
  return {
    deal,
    hold,
    contactIds: plan.carriers.present,
    groups: groups.map((group, index) => ({ ...group, redeemUrl: plan.groups[index]?.redeemUrl ?? '' })),
  };
}

/** The same step for another run of the deal. */
export function asRun<I extends UnderHold>(input: I, run: string, seen: string | null): I {
  return { ...input, hold: { ...input.hold, run, seen } };
}

export function forLearners(example: Catalog): Catalog {
  return { ...example, handOver: { ...example.handOver, to: 'learners', leftOver: 'buyer' } };
}

/** How Temporal sees the failure of an attempt; throws when the attempt succeeds or fails with a bug. */
export async function failureOf(
  attempt: Promise<unknown>,
): Promise<ApplicationFailure & { code: FailureCode }> {
  const outcome = await attempt.then(
    (value) => new Error(`expected a failure, but the attempt returned ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof ApplicationFailure)) throw outcome;
  return Object.assign(outcome, { code: outcome.type as FailureCode });
}
