import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ACTIVITY_CLASS,
  type ActivityName,
  type EffectClass,
  type HoldInput,
  type ProvisioningActivities,
  type UnderHold,
} from '../src/contracts/activities.ts';
import { bulkTaskQueue, type Lane } from '../src/contracts/lane.ts';
import { DEFAULT_POLICY, type Policy } from '../src/contracts/policy.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { DealSummary } from '../src/domain/planning/plan.ts';

/**
 * How long a step of the bulk lane may wait for a slot, on top of its own bound: an import of a thousand deals
 * against a small quota takes most of a day, and no step may fail for having stood in line.
 */
const BULK_QUEUEING_MS = 24 * 60 * 60 * 1_000;

/** Thrown for an activity that a worker does not have: waiting does not help. */
const NEVER_RETRIED = ['NotFoundError'];

type Input<K extends ActivityName> = Parameters<ProvisioningActivities[K]>[0];

/** What a caller says: the deal is the run's own unless it is named, and the hold is added here. */
type Said<K extends ActivityName> =
  Input<K> extends UnderHold
    ? Omit<Input<K>, 'deal' | 'hold'> & { readonly deal?: DealRef }
    : 'deal' extends keyof Input<K>
      ? Omit<Input<K>, 'deal'> & { readonly deal?: DealRef }
      : Input<K>;

/** `summary`: the purpose, for people who look at the run. `late`: with the patience of an undo. */
export type Call = <K extends ActivityName>(
  name: K,
  summary: string,
  said: Said<K>,
  bounds?: 'late',
) => ReturnType<ProvisioningActivities[K]>;

type Activities = Readonly<Record<ActivityName, (input: object) => Promise<unknown>>>;

interface CallOptions {
  readonly deal: DealRef;
  readonly policy: Policy;
  readonly lane?: Lane | undefined;
  /** What the last reading saw of the hold, and in which execution. */
  readonly lastReading: () => Pick<DealSummary, 'hold' | 'readIn'>;
}

/** The only way from workflow code to the outside world. */
export function createCall({ deal, policy, lane = 'normal', lastReading }: CallOptions): Call {
  const bounds = activityBounds(policy);
  let provenAt: number | null = null;
  return (name, summary, said, late) => {
    const options = { ...bounds[late ? 'undo' : ACTIVITY_CLASS[name]], summary };
    const activities = proxyActivities(
      lane === 'normal' ? options : inBulk(options),
    ) as unknown as Activities;
    const { hold: seen, readIn } = lastReading();
    const hold: HoldInput = {
      run: workflowInfo().firstExecutionRunId,
      seen,
      ...(readIn === undefined ? {} : { readIn }),
      ...(provenAt === null ? {} : { provenAt }),
      bounds: { pauseMs: policy.holdPauseMs, leaseMs: policy.holdLeaseMs, trustMs: policy.holdTrustMs },
    };
    // A person who asks for a reading waits for the answer; nobody does while the run looks for changes by itself.
    const isAttended = 'source' in said && said.source === 'person' && !('seen' in said);
    const patience = { patienceMs: policy.passingMs, ...(isAttended ? { isAttended } : {}) };
    const origin = workflowInfo().priority?.fairnessKey;
    const terms = { ...patience, ...(origin === undefined ? {} : { origin }) };
    const input = { deal, ...terms, ...(NEEDS_NO_HOLD.has(name) ? {} : { hold }), ...said };
    const startedAt = Date.now();
    const result = activities[name](input);
    if (PROVES_HOLD.has(name)) {
      // Only the first one: whether a later one has looked is not known here.
      const noteProof = () => {
        provenAt ??= startedAt;
      };
      // A failure is the caller's to handle.
      result.then(noteProof, () => undefined);
    }
    return result as ReturnType<ProvisioningActivities[typeof name]>;
  };
}

/** Steps that end well only under the hold. */
const PROVES_HOLD = new Set<ActivityName>([
  'ensureCodeGroup',
  'attachRoster',
  'sendMessages',
  'withdrawSeats',
]);

const NEEDS_NO_HOLD = new Set<ActivityName>(['awaitCodes', 'notifyOwner', 'closeNotices', 'swapSeats']);

/** How long and how often an activity of each class is tried. */
export function activityBounds(policy: Policy): Readonly<Record<EffectClass, ActivityOptions>> {
  const { attemptMs, rosterAttemptMs, readTotalMs, writeTotalMs, lookUpMs } = policy;
  // Runs that were started before it was a bound do not name it.
  const { silenceMs = DEFAULT_POLICY.silenceMs } = policy;
  const retry = {
    ...pauses(policy.retryInitialMs, policy.retryMaxMs),
    backoffCoefficient: 2,
    nonRetryableErrorTypes: NEVER_RETRIED,
  };
  const bounded = (attempt: number, total: number): ActivityOptions => ({
    startToCloseTimeout: attempt,
    scheduleToCloseTimeout: total,
    heartbeatTimeout: Math.min(silenceMs, attempt),
    retry,
  });
  const within = (attempt: number, total: number): ActivityOptions => ({
    ...bounded(attempt, total),
    // A cancelled write has ended before its undo starts: otherwise it could still happen after it.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return {
    // Before people decide about seats, the codes of their groups are counted.
    read: within(rosterAttemptMs, readTotalMs),
    // The retry is the poll: history stays as short for a thousand polls as for one. Its gaps are those of `wait-for-codes.ts`.
    poll: {
      ...bounded(attemptMs, policy.pollDeadlineMs),
      // Its pauses are counted from the retry policy, which an attempt that is sent out with its turn is not told.
      allowEagerDispatch: false,
      retry: { ...retry, ...pauses(policy.pollIntervalMs, policy.pollMaxMs) },
    },
    // Room to look up before and after the create for as long as patience lasts.
    create: within(2 * lookUpMs + 2 * attemptMs, writeTotalMs),
    roster: within(rosterAttemptMs, writeTotalMs),
    send: within(rosterAttemptMs + lookUpMs, writeTotalMs),
    write: within(attemptMs, writeTotalMs),
    // Taking links back lists the codes of a group, as a roster does.
    undo: within(rosterAttemptMs + lookUpMs, policy.undoTotalMs),
  };
}

/** Temporal refuses a longest pause that is shorter than the first one. */
function pauses(firstMs: number, longestMs: number) {
  return { initialInterval: firstMs, maximumInterval: Math.max(firstMs, longestMs) };
}

/** The bounds of a read that is made without a deal. */
export function readBounds(policy: Policy): ActivityOptions {
  return { ...activityBounds(policy).read, startToCloseTimeout: policy.attemptMs };
}

/** Of what a schedule does again soon: it is not tried for longer than two attempts may take. */
export function syncBounds(policy: Policy): ActivityOptions {
  return { ...activityBounds(policy).read, scheduleToCloseTimeout: 2 * policy.rosterAttemptMs };
}

/** The longest pause between two probes of a system that is away, as a multiple of the longest one between attempts. */
const PROBE_PAUSES = 5;

/** The retry is the probe. */
export function probeBounds(policy: Policy, totalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: policy.attemptMs,
    scheduleToCloseTimeout: totalMs,
    retry: {
      ...pauses(policy.retryMaxMs, PROBE_PAUSES * policy.retryMaxMs),
      backoffCoefficient: 1.5,
      nonRetryableErrorTypes: NEVER_RETRIED,
    },
  };
}

function inBulk(options: ActivityOptions): ActivityOptions {
  return {
    ...options,
    taskQueue: bulkTaskQueue(workflowInfo().taskQueue),
    scheduleToCloseTimeout: Number(options.scheduleToCloseTimeout) + BULK_QUEUEING_MS,
  };
}
