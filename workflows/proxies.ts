import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { bulkTaskQueue, type Lane } from '../src/contracts/lane.ts';
import type { Policy } from '../src/contracts/policy.ts';

type Read = Pick<ProvisioningActivities, 'planDeal'>;
type Poll = Pick<ProvisioningActivities, 'awaitCodes'>;
type Create = Pick<ProvisioningActivities, 'ensureCodeGroup'>;
type Roster = Pick<ProvisioningActivities, 'attachRoster' | 'writeRedeemLinks' | 'withdrawSeats'>;
type Send = Pick<ProvisioningActivities, 'sendMessages'>;
type Write = Pick<ProvisioningActivities, 'writeDealStatus' | 'notifyOwner'>;
type Undo = Pick<
  ProvisioningActivities,
  | 'isClaimedElsewhere'
  | 'planDeal'
  | 'quarantineCodeGroup'
  | 'clearRedeemLinks'
  | 'removeRoster'
  | 'writeDealStatus'
  | 'notifyOwner'
>;

/** Longest silence of a read before another worker takes it over. */
const READ_SILENCE_MS = 30_000;
/**
 * The same of the steps whose attempt may take half an hour: nobody should wait so long for the roster of a worker that
 * was killed. Longer, because a false alarm makes two workers write the same. Other writes have none: their attempts
 * are short, and a message must not be sent by two.
 */
const ROSTER_SILENCE_MS = 120_000;

/**
 * How long a step of the bulk lane may wait for a slot, on top of its own bound: an import of a thousand deals
 * against a small quota takes most of a day, and no step may fail for having stood in line.
 */
const BULK_QUEUEING_MS = 3 * 24 * 60 * 60 * 1_000;

/**
 * The activities, by what a repeat would do. Each class has its own bounds: for one attempt and in total. The
 * argument of each is the line that the Temporal UI shows for the call.
 */
export function createProxies(policy: Policy, lane: Lane = 'normal') {
  const { attemptMs, readTotalMs, writeTotalMs, settleMs } = policy;
  const retry = {
    initialInterval: policy.retryInitialMs,
    backoffCoefficient: 2,
    maximumInterval: policy.retryMaxMs,
    // Thrown for an activity that this worker does not have: waiting does not help.
    nonRetryableErrorTypes: ['NotFoundError'],
  };
  const within = (attempt: number, total: number): ActivityOptions => ({
    startToCloseTimeout: attempt,
    scheduleToCloseTimeout: total,
    retry,
    // A cancelled write has ended before its compensation starts: otherwise it could still happen after it.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  const heartbeatTimeout = Math.min(READ_SILENCE_MS, attemptMs);
  // Before people decide about seats, the codes of their groups are counted.
  const read: ActivityOptions = { ...within(policy.rosterAttemptMs, readTotalMs), heartbeatTimeout };
  const poll: ActivityOptions = {
    startToCloseTimeout: attemptMs,
    scheduleToCloseTimeout: policy.pollDeadlineMs,
    heartbeatTimeout,
    // The retry is the poll: history stays as short for a thousand polls as for one.
    retry: { ...retry, initialInterval: policy.pollIntervalMs, backoffCoefficient: 1 },
  };
  // Room to look up before and after the create for as long as patience lasts.
  const create = within(2 * settleMs + 2 * attemptMs, writeTotalMs);
  const rosterSilenceMs = Math.min(ROSTER_SILENCE_MS, policy.rosterAttemptMs);
  const roster: ActivityOptions = {
    ...within(policy.rosterAttemptMs, writeTotalMs),
    heartbeatTimeout: rosterSilenceMs,
  };
  const send = within(policy.rosterAttemptMs + settleMs, writeTotalMs);
  const write = within(attemptMs, writeTotalMs);
  // Taking links back lists the codes of a group, as a roster does.
  const undo: ActivityOptions = {
    ...within(policy.rosterAttemptMs + settleMs, policy.undoTotalMs),
    heartbeatTimeout: rosterSilenceMs,
  };
  const inLane = (options: ActivityOptions, summary: string): ActivityOptions =>
    lane === 'normal'
      ? { ...options, summary }
      : {
          ...options,
          summary,
          taskQueue: bulkTaskQueue(workflowInfo().taskQueue),
          scheduleToCloseTimeout: Number(options.scheduleToCloseTimeout) + BULK_QUEUEING_MS,
        };
  return {
    reading: (summary: string) => proxyActivities<Read>(inLane(read, summary)),
    polling: (summary: string) => proxyActivities<Poll>(inLane(poll, summary)),
    creating: (summary: string) => proxyActivities<Create>(inLane(create, summary)),
    rostering: (summary: string) => proxyActivities<Roster>(inLane(roster, summary)),
    sending: (summary: string) => proxyActivities<Send>(inLane(send, summary)),
    writing: (summary: string) => proxyActivities<Write>(inLane(write, summary)),
    undoing: (summary: string) => proxyActivities<Undo>(inLane(undo, summary)),
  };
}

export type Proxies = ReturnType<typeof createProxies>;
