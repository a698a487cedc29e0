import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { ProvisioningActivities } from '../domain/activities.ts';
import { convertFailures } from './failure-conversion.ts';
import { beatWhileWorking } from './heartbeats.ts';
import { traceActivity } from './tracing.ts';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowBundle: WorkflowBundleOption;
  readonly activities: ProvisioningActivities;
  /** Unique for each replica; default: process id and host. */
  readonly identity?: string;
  /** How long running activities may go on after the stop signal. */
  readonly shutdownGraceMs?: number;
}

/** Above this many workflows in memory the oldest are dropped and replayed when they are needed again. */
const MAX_CACHED_WORKFLOWS = 500;
const DEFAULT_GRACE_MS = 70_000;
const FORCE_AFTER_GRACE_MS = 10_000;

export function createWorker(options: WorkerOptions): Promise<Worker> {
  const graceMs = options.shutdownGraceMs ?? DEFAULT_GRACE_MS;
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: options.workflowBundle,
    activities: options.activities,
    interceptors: {
      activity: [
        (context) => ({ inbound: beatWhileWorking(context) }),
        () => ({ inbound: convertFailures }),
        // Innermost, so that a span sees our failure and not yet Temporal's.
        (context) => ({ inbound: traceActivity(context) }),
      ],
    },
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_AFTER_GRACE_MS,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
  });
}
