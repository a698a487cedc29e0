import {
  type InjectedSinks,
  type NativeConnection,
  type WorkerOptions as SdkWorkerOptions,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { ProvisioningActivities } from '../contracts/activities.ts';
import type { AlarmSinks } from '../contracts/alarms.ts';
import type { AlertActivities } from '../contracts/alert.ts';
import { bulkTaskQueue, type Lane } from '../contracts/lane.ts';
import type { OutageActivities } from '../contracts/outage.ts';
import type { Outcome, OutcomeSinks } from '../contracts/outcomes.ts';
import type { SeatOperationActivities } from '../contracts/seat-operations.ts';
import type { SweepActivities } from '../contracts/sweep.ts';
import type { AttemptJournal } from './attempt-journal.ts';
import { leaseAttempts } from './attempt-lease.ts';
import { convertFailures } from './failure-conversion.ts';
import { noteAttempts } from './note-attempts.ts';
import { type OutageWatch, watchedBy } from './outage-watch.ts';
import { ownRunActivities } from './own-run.ts';
import { traceActivity } from './tracing.ts';
import { takeTurnsFor } from './turns.ts';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowBundle: WorkflowBundleOption;
  readonly activities: ProvisioningActivities &
    Partial<SweepActivities & OutageActivities & AlertActivities & SeatOperationActivities>;
  /** Unique for each replica; default: process id and host. */
  readonly identity?: string;
  /** Where attempts in flight are noted for the process after this one. */
  readonly journal?: AttemptJournal | null;
  /** How long running activities may go on after the stop signal. */
  readonly shutdownGraceMs?: number;
  /** Called when neither a deal nor its owner could be told what the deal needs. */
  readonly onUntold?: (crm: string) => void;
  /** Is reported to how the steps of deals end. */
  readonly outages?: OutageWatch;
  /** Called once for each end and each question of a run. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Above this many workflows in memory the oldest are dropped and replayed when they are needed again. */
const MAX_CACHED_WORKFLOWS = 500;
/**
 * So long a turn of a run waits for the worker that has the run in its memory, which may be dead. Much shorter, a busy
 * worker loses its memories and replays until it is busier still.
 */
const MEMORY_WAIT_MS = 5_000;
const DEFAULT_GRACE_MS = 70_000;
const FORCE_AFTER_GRACE_MS = 10_000;
const MAX_HEARTBEAT_PAUSE_MS = 3_000;

/**
 * Steps of the bulk lane that run at once. Each request of theirs lets those of the normal lane go first; this bounds what
 * they take of the machine. So many are enough to use a quota up: most of them wait for their turn.
 */
const BULK_SLOTS = 8;

export function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    ...commonOptions(options, 'normal'),
    taskQueue: options.taskQueue,
    workflowBundle: options.workflowBundle,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    stickyQueueScheduleToStartTimeout: MEMORY_WAIT_MS,
    sinks: sinksOf(options),
  });
}

function sinksOf({
  onUntold = () => undefined,
  onOutcome = () => undefined,
}: WorkerOptions): InjectedSinks<AlarmSinks & OutcomeSinks> {
  return {
    alarms: { untold: { fn: (_, crm) => onUntold(crm), callDuringReplay: false } },
    outcomes: { reached: { fn: (_, outcome) => onOutcome(outcome), callDuringReplay: false } },
  };
}

/** Carries out the steps of the bulk lane, and nothing else: its workflow code runs in the ordinary worker. */
export function createBulkWorker(options: Omit<WorkerOptions, 'workflowBundle'>): Promise<Worker> {
  return Worker.create({
    ...commonOptions(options, 'bulk'),
    taskQueue: bulkTaskQueue(options.taskQueue),
    maxConcurrentActivityTaskExecutions: BULK_SLOTS,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
}

function commonOptions(options: Omit<WorkerOptions, 'workflowBundle'>, lane: Lane) {
  const graceMs = options.shutdownGraceMs ?? DEFAULT_GRACE_MS;
  const noteOf = noteAttempts(options.journal);
  const leaseOf = leaseAttempts(options);
  const watchOf = watchedBy(options.outages);
  return {
    connection: options.connection,
    namespace: options.namespace,
    activities: { ...options.activities, ...ownRunActivities },
    interceptors: {
      activity: [
        (context) => ({ inbound: noteOf(context) }),
        (context) => ({ inbound: leaseOf(context) }),
        () => ({ inbound: convertFailures }),
        (context) => ({ inbound: watchOf(context) }),
        (context) => ({ inbound: takeTurnsFor(lane, context) }),
        // Innermost, so that a span sees our failure and not yet Temporal's.
        (context) => ({ inbound: traceActivity(context) }),
      ],
    },
    // A cancel reaches a step with the answer to a heartbeat: no step waits longer for it than this.
    maxHeartbeatThrottleInterval: MAX_HEARTBEAT_PAUSE_MS,
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_AFTER_GRACE_MS,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
  } satisfies Partial<SdkWorkerOptions>;
}
