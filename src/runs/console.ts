import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Policy } from '../contracts/policy.ts';
import {
  type CancelRequest,
  type Decision,
  FINAL_STATUSES,
  MESSAGES,
  PREVIEW_DEAL,
  PROVISION_DEAL,
  type Progress,
  type ProvisionResult,
  type RetryRequest,
  type RunStatus,
  type Trigger,
} from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import type { EndedDeal, LastRun, SweepScope } from '../contracts/sweep.ts';
import { causesOf } from '../domain/causes.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import { parseProvisioningId } from '../domain/deal/ids.ts';
import type { Reading } from '../domain/planning/reading.ts';
import { activityOf, type RunActivity, repeatingOf } from './activity.ts';
import { countPollers } from './count-pollers.ts';
import { type DealView, toDealView, withAnswersOfRuns, withProgress } from './deal-view.ts';
import { listDeals } from './list-deals.ts';
import { findDelivery, type PastDelivery } from './past-delivery.ts';
import { type Preview, type Provisioner, TemporalUnavailableError } from './port.ts';
import { toPreview } from './preview.ts';
import { previewFailure } from './preview-failure.ts';
import type { RunPages } from './run-url.ts';
import { type RunHome, type StartOptions, startRun } from './start-run.ts';

export interface ProvisionerOptions extends RunHome {
  readonly pages: RunPages;
  /** Bound of every call to Temporal but those that wait for a run. A CRM waits 5 s for our answer. */
  readonly callTimeoutMs?: number;
}

/** Everything that people and programs may ask of runs. Webhooks see only the `Provisioner` part. */
export interface RunConsole extends Provisioner {
  /**
   * Resolves when no bounded call is under way. To be awaited before the connection is closed: the client repeats calls
   * on a timer even if nobody waits for them any more, and on a closed connection that ends the process.
   */
  settled(): Promise<void>;
  /** Deals of the account with a run that Temporal or a person closed since then, a UTC instant, before its end. */
  endedSince(scope: SweepScope, since: string): Promise<readonly EndedDeal[]>;
  /** Where the latest run of this id stands, told by Temporal alone: cheap. Null when it knows none (any more). */
  glance(id: string): Promise<LastRun | null>;
  /** One entry a deal: those whose run is open, then those whose last run ended last. */
  list(options: { readonly status?: RunStatus; readonly limit: number }): Promise<DealView[]>;
  describe(id: string): Promise<DealView | null>;
  /** What an earlier run delivered, as Temporal still knows it; null: nothing, or it is forgotten. */
  lastDelivery(id: string): Promise<PastDelivery | null>;
  /** By Temporal alone: whether the run of the id is over, and whether it is doing something just now. */
  activity(id: string): Promise<RunActivity | null>;
  /** How many workers polled the task queue within the last minute. */
  countWorkers(): Promise<number>;
  progress(id: string): Promise<Progress>;
  /** This and the next four answer the question that the run asks, and are refused when it asks another one. */
  retry(id: string, request: RetryRequest): Promise<Progress>;
  /** More seats. */
  approve(id: string, decision: Decision): Promise<Progress>;
  reject(id: string, decision: Decision): Promise<Progress>;
  /** Fewer seats. */
  withdraw(id: string, decision: Decision): Promise<Progress>;
  keep(id: string, decision: Decision): Promise<Progress>;
  cancel(id: string, request: CancelRequest): Promise<Progress>;
  /** Waits until the run is over. Throws `WorkflowFailedError` when it failed or was cancelled. */
  result(id: string): Promise<ProvisionResult>;
}

const CALL_TIMEOUT_MS = 4_000;
const LIST_TIMEOUT_MS = 60_000;
/** A dry run reads a deal from the CRM; a person or program waits for it. */
const PREVIEW_TIMEOUT_MS = 60_000;
/** Less than that, so that the last failure of the reading is told, and not that time ran out. */
const PREVIEW_READ_MS = 40_000;

export function createProvisioner(options: ProvisionerOptions): RunConsole {
  const { client, taskQueue, policy } = options;
  const timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const displayNameOf = ({ crm }: DealRef) => options.crmFacts[crm]?.displayName ?? crm;
  const underWay = new Set<Promise<unknown>>();
  const bounded = <T>(call: () => Promise<T>, boundMs = timeoutMs) => {
    const answer = asUnavailable(() => client.withDeadline(Date.now() + boundMs, call));
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  const update = <Argument>(id: string, name: string, argument: Argument) =>
    bounded(() =>
      client.workflow.getHandle(id).executeUpdate<Progress, [Argument]>(name, { args: [argument] }),
    );
  const progress = (id: string) =>
    bounded(() => client.workflow.getHandle(id).query<Progress>(MESSAGES.progress));

  const start = (deal: DealRef, trigger: Trigger, how?: StartOptions) =>
    bounded(() => startRun(options, { deal, trigger, ...how }));

  return {
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },

    async dealChanged(deal, trigger, options) {
      return { id: await start(deal, trigger, options) };
    },

    async provision(deal, trigger, { planHash } = {}) {
      const id = await start(deal, trigger, planHash === undefined ? {} : { planHash });
      return { id, status: 'accepted' };
    },

    async preview(deal): Promise<Preview> {
      const reading: Reading = await bounded(
        () =>
          client.workflow.execute(PREVIEW_DEAL, {
            workflowId: `preview:${deal.crm}:${deal.account}:${deal.dealId}:${randomUUID()}`,
            taskQueue,
            args: [{ deal, policy: previewPolicy(policy) }],
            workflowExecutionTimeout: PREVIEW_TIMEOUT_MS,
            staticSummary: `Dry run: ${displayNameOf(deal)} deal ${deal.dealId}`,
          }),
        PREVIEW_TIMEOUT_MS,
      ).catch((error: unknown) => {
        throw previewFailure(error);
      });
      return toPreview(deal, reading, displayNameOf(deal));
    },

    async glance(id) {
      const info = await unlessUnknown(bounded(() => client.workflow.getHandle(id).describe()));
      if (info === null) return null;
      const { typedSearchAttributes: attributes, closeTime, runId } = info;
      return {
        runId,
        status: attributes.get(searchAttributeKeys.status) ?? info.status.name,
        temporalStatus: info.status.name,
        readUpTo: attributes.get(searchAttributeKeys.readUpTo)?.toISOString() ?? null,
        closedAt: closeTime?.toISOString() ?? null,
        code: attributes.get(searchAttributeKeys.failureCode) ?? null,
      };
    },

    async endedSince({ crm, account }, since) {
      const query = [
        `WorkflowType = '${PROVISION_DEAL}'`,
        `ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed')`,
        `${searchAttributeKeys.crm.name} = '${crm}'`,
        // A run shows a final status once everything is written.
        `${searchAttributeKeys.status.name} NOT IN (${FINAL_STATUSES.map((status) => `'${status}'`).join(', ')})`,
        `CloseTime >= '${since}'`,
      ].join(' AND ');
      return bounded(async () => {
        const found = new Map<string, EndedDeal>();
        for await (const { workflowId, closeTime } of client.workflow.list({ query })) {
          const deal = parseProvisioningId(workflowId);
          if (deal?.account !== account || closeTime === undefined) continue;
          const endedAt = [...(found.get(workflowId)?.endedAt ?? []), closeTime.toISOString()];
          found.set(workflowId, { deal, endedAt });
        }
        return [...found.values()];
      }, LIST_TIMEOUT_MS);
    },

    async describe(id) {
      const deal = parseProvisioningId(id);
      if (deal === null) return null;
      const handle = client.workflow.getHandle(id);
      const info = await unlessUnknown(bounded(() => handle.describe()));
      if (info === null) return null;
      const shown = await progress(id).catch(() => null);
      return withProgress({ ...toDealView(info, options.pages), repeating: repeatingOf(info) }, shown);
    },

    async list({ status, limit }) {
      const found = await bounded(async () => {
        const deals = await listDeals(client, { limit, ...(status === undefined ? {} : { status }) });
        return deals.map((info) => toDealView(info, options.pages));
      }, LIST_TIMEOUT_MS);
      return withAnswersOfRuns(found, progress);
    },

    async lastDelivery(id) {
      return bounded(() => findDelivery(client, id));
    },

    async activity(id) {
      const info = await unlessUnknown(bounded(() => client.workflow.getHandle(id).describe()));
      return info && activityOf(info);
    },

    async countWorkers() {
      const { namespace } = client.options;
      return bounded(() => countPollers(client.workflowService, { namespace, taskQueue }));
    },

    progress,
    retry: (id, request) => update(id, MESSAGES.retry, request),
    approve: (id, decision) => update(id, MESSAGES.approve, decision),
    reject: (id, decision) => update(id, MESSAGES.reject, decision),
    withdraw: (id, decision) => update(id, MESSAGES.withdraw, decision),
    keep: (id, decision) => update(id, MESSAGES.keep, decision),
    cancel: (id, request) => update(id, MESSAGES.cancel, request),
    result: (id) => asUnavailable(() => client.workflow.getHandle(id).result()),

    async ready() {
      const { namespace } = client.options;
      await bounded(() => client.workflowService.describeNamespace({ namespace }));
    },
  };
}

function previewPolicy(policy: Policy): Policy {
  const { attemptMs, readTotalMs } = policy;
  return {
    ...policy,
    attemptMs: Math.min(attemptMs, PREVIEW_READ_MS),
    readTotalMs: Math.min(readTotalMs, PREVIEW_READ_MS),
  };
}

async function unlessUnknown<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** gRPC statuses that say "not now", by number: cancelled, deadline, exhausted, aborted, internal, unavailable. */
const NOT_NOW = new Set([1, 4, 8, 10, 13, 14]);

/** Whoever called may call again; the cause says why. */
async function asUnavailable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    for (const cause of causesOf(error)) {
      if (isGrpcServiceError(cause) && NOT_NOW.has(cause.code)) {
        throw new TemporalUnavailableError('Temporal did not accept the call in time; try again', error);
      }
    }
    throw error;
  }
}
