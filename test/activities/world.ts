import { readFileSync } from 'node:fs';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { Fault } from '../../sandbox/faults.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { createThoughtIndustriesLms } from '../../src/clients/thought-industries/lms.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type {
  ClearLinksInput,
  EnsureCodeGroupInput,
  HandOverInput,
  ProvisioningActivities,
  SendMessagesInput,
} from '../../src/contracts/activities.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { CrmName, DealRef } from '../../src/domain/deal/deal.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import type { Plan, PlannedGroup } from '../../src/domain/planning/plan.ts';
import { convertFailures } from '../../src/temporal/failure-conversion.ts';
import { traceActivity } from '../../src/temporal/tracing.ts';

const EXAMPLE = parseCatalog(readFileSync(new URL('../../catalog.example.yaml', import.meta.url), 'utf8'), {
  learnerUrl: 'https://learn.vendor.example',
});

/** The seeded deals of the stand-ins; both have 20 seats or more of at most two products. */
export const DEALS: Record<CrmName, DealRef> = {
  hubspot: { crm: 'hubspot', account: '62515', dealId: '9001' },
  salesforce: { crm: 'salesforce', account: '00D5Y000001MPM7UAO', dealId: '0065Y00001Suvw6QAB' },
};

/** Patience for lost answers: short, but longer than a busy machine needs for one look. */
const PATIENCE = { settleMs: 1_000, settleIntervalMs: 20 };

export const DEPLOYMENT = 'default/activity-tests';
export const OTHER_DEPLOYMENT = 'default/another-server';

/** A claim that is believed as soon as the field could be written. */
export const CLAIM = { settleMs: 60, leaseMs: 3_600_000 };

/** Bound of one call in a world that does not say otherwise. */
const CALL_TIMEOUT_MS = 10_000;

export interface WorldOptions {
  readonly sandbox?: SandboxOptions;
  readonly catalog?: (example: Catalog) => Catalog;
  /** Short where a test stalls an answer. */
  readonly callTimeoutMs?: number;
}

type Activity = keyof ProvisioningActivities;
type Input<A extends Activity> = Parameters<ProvisioningActivities[A]>[0];
type Implementation<A extends Activity> = (input: Input<A>) => Promise<Result<A>>;
type Result<A extends Activity> = Awaited<ReturnType<ProvisioningActivities[A]>>;

export interface Attempt {
  readonly attempt?: number;
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
  /** Runs one attempt as a worker would: failures come out as Temporal gets them. */
  run<A extends Activity>(name: A, input: Input<A>, attempt?: Attempt): Promise<Result<A>>;
  /** The same by a deployment that serves the same accounts and knows nothing of this one. */
  elsewhere<A extends Activity>(name: A, input: Input<A>): Promise<Result<A>>;
  /** A running attempt that can be cancelled. */
  start<A extends Activity>(name: A, input: Input<A>): { done: Promise<Result<A>>; cancel(): void };
  fail(fault: Fault): void;
  plan(crm: CrmName): Promise<Plan>;
  /** Everything that the hand-over of a deal needs: its groups exist. */
  prepare(crm: CrmName): Promise<HandOverInput>;
  /** Everything that its messages need: the roster is on the deal. */
  prepareMessages(crm: CrmName): Promise<SendMessagesInput>;
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
  const deploy = (deployment: string) =>
    createActivities({
      ...connect(sandbox, options.callTimeoutMs ?? CALL_TIMEOUT_MS),
      catalog: (options.catalog ?? ((example) => example))(EXAMPLE),
      deployment,
      wonSince: {},
      runUrl: (workflowId) => `https://temporal.example/${workflowId}`,
      now: () => Date.parse('2026-11-21T09:00:00Z'),
    });
  const activities = deploy(DEPLOYMENT);
  const others = deploy(OTHER_DEPLOYMENT);
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
    async plan(crm) {
      const outcome = await world.run('planDeal', { deal: DEALS[crm] });
      if (outcome.kind !== 'ready') throw new Error(`expected a plan, found ${JSON.stringify(outcome)}`);
      return outcome.plan;
    },
    async prepare(crm) {
      const plan = await world.plan(crm);
      const groups = [];
      for (const group of plan.groups) groups.push(await world.run('ensureCodeGroup', ensuring(plan, group)));
      return { plan, groups, claim: CLAIM };
    },
    async prepareMessages(crm) {
      const handOver = await world.prepare(crm);
      if (handOver.plan.learnerContactIds.length > 0) await world.run('writeRedeemLinks', handOver);
      const roster = await world.run('attachRoster', handOver);
      return { ...handOver, roster, resend: false, outcomes: {}, ...PATIENCE };
    },
    close: () => sandbox.close(),
  };
  return world;
}

export function ensuring({ deal, seenClaim }: Plan, group: PlannedGroup): EnsureCodeGroupInput {
  return { deal, seenClaim, claim: CLAIM, group, ...PATIENCE };
}

/** The undo of `writeRedeemLinks`. */
export function clearingLinks({ plan, groups }: HandOverInput): ClearLinksInput {
  return {
    deal: plan.deal,
    contactIds: plan.contactIds,
    groups: groups.map((group, index) => ({ ...group, redeemUrl: plan.groups[index]?.redeemUrl ?? '' })),
  };
}

export function forLearners(example: Catalog): Catalog {
  return { ...example, handOver: { ...example.handOver, to: 'learners' } };
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

function connect(sandbox: Sandbox, timeoutMs: number) {
  return {
    lms: createThoughtIndustriesLms({
      baseUrl: sandbox.ti.url,
      apiKey: 'sandbox-ti-key',
      codesPath: '/redemptionCodes/{groupId}/codes',
      requestsPerMinute: 1_000_000,
      timeoutMs,
    }),
    crms: {
      hubspot: createHubSpotCrm({
        accessToken: 'sandbox-hubspot-token',
        portalId: DEALS.hubspot.account,
        baseUrl: sandbox.hubspot.url,
        timeoutMs,
        singleSend: { resultPollMs: 10, resultWaitMs: 2_000 },
      }),
      salesforce: createSalesforceCrm({
        loginUrl: sandbox.salesforce.url,
        clientId: 'sandbox-sf-client',
        clientSecret: 'sandbox-sf-secret',
        orgId: DEALS.salesforce.account,
        apiVersion: '66.0',
        timeoutMs,
      }),
    },
  };
}
