import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, type WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import type { OutageActivities } from '../../src/contracts/outage.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import {
  PROVISION_DEAL,
  type Progress,
  type ProvisionInput,
  type ProvisionResult,
  type RetryRequest,
  type RunStatus,
  type Trigger,
  type UndoReport,
} from '../../src/contracts/run.ts';
import { searchAttributeKeys } from '../../src/contracts/search-attributes.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import type { Problem } from '../../src/domain/failure.ts';
import { createProvisioner, type RunConsole } from '../../src/runs/console.ts';
import { chainOf, type History, type Replayer } from './replay.ts';
import { until, WAIT_MS } from './until.ts';

export type TenantActivities = ProvisioningActivities & Partial<OutageActivities>;

const TRIGGER: Trigger = { by: 'cli', detail: 'test' };

export interface TenantDeps {
  readonly client: Client;
  readonly address: string;
  readonly taskQueue: string;
  readonly bundle: { readonly codePath: string };
  readonly replayer: Replayer;
  readonly tenants: Map<string, TenantActivities>;
}

/** Pauses are short, so that a test waits for nothing; bounds are long, for a machine that does other work too. */
export const TEST_POLICY: Policy = {
  attemptMs: 30_000,
  rosterAttemptMs: 40_000,
  silenceMs: 15_000,
  readTotalMs: 120_000,
  writeTotalMs: 120_000,
  undoTotalMs: 120_000,
  passingMs: 300,
  awayMs: 900_000,
  retryInitialMs: 20,
  retryMaxMs: 200,
  lookUpMinMs: 1_500,
  lookUpMs: 1_500,
  lookUpIntervalMs: 50,
  stillMs: 100,
  writingMs: 2_000,
  lookAgainMs: 3_600_000,
  holdPauseMs: 100,
  holdTrustMs: 30_000,
  holdLeaseMs: 3_600_000,
  pollIntervalMs: 50,
  pollMaxMs: 200,
  pollDeadlineMs: 120_000,
  attentionDeadlineMs: 300_000,
  closedLongAgoMs: 30 * 24 * 3_600_000,
};

/** The world of one test: its CRM accounts, and every run that was started for them. */
export interface Tenant {
  /** As `src/processes/` makes it for the command and the webhooks. */
  readonly console: RunConsole;
  /** Starts the deal as a person does, or with the hash of a dry run; returns the id of the run. */
  provision(deal: DealRef, options?: { readonly planHash?: string }): Promise<string>;
  /** Tells of the deal as an event of its CRM does, or as the sweep; returns the id of the run. */
  report(deal: DealRef, by?: 'sweep'): Promise<string>;
  /** Starts the deal as a run that goes on from another one. */
  resume(deal: DealRef, carriedOver: Pick<ProvisionInput, 'carried'>): Promise<string>;
  /** How many runs of this id were started by the test. */
  runCount(id: string): number;
  /** Asks Temporal to cancel the run, as its UI does. */
  cancelNatively(id: string): Promise<void>;
  /** The result of a run that ends well. */
  resultOf(id: string): Promise<ProvisionResult>;
  /** How a run fails; throws when it does not. */
  failureOf(id: string): Promise<RunFailure>;
  /** Waits until the run has this status. Throws when the run ends otherwise, or at the deadline. */
  waitForStatus(id: string, status: RunStatus, deadlineMs?: number): Promise<Progress>;
  /** Waits until the progress of the run is as wanted. */
  waitForProgress(
    id: string,
    isReached: (progress: Progress) => boolean,
    deadlineMs?: number,
  ): Promise<Progress>;
  /** Waits until the run asks what can be answered so, and answers it. */
  answer(id: string, verb: Verb, said?: Partial<RetryRequest>): Promise<Progress>;
  /** Waits until the outside world shows something; a message of the run is not enough. */
  waitForEvidence(isSeen: () => boolean, deadlineMs?: number): Promise<void>;
  /** When the step that is under way last showed itself alive, which is how it hears of a cancel; 0: not yet. */
  lastHeartbeatMs(id: string): Promise<number>;
  historyOf(id: string): Promise<History>;
  /** Without those of the turns that a busy machine lost and took again. */
  eventCount(id: string): Promise<number>;
  /** Whether an undo of the run failed, as the list of the Temporal UI can filter it. */
  undoFailedAttribute(id: string): Promise<boolean | undefined>;
  /** How Temporal's list shows the run. */
  temporalStatus(id: string): Promise<string>;
  /** Ends a run at once, without undo, as a lost server would. */
  terminate(id: string): Promise<void>;
  /** For a test that leaves a run open: why. Every other open run fails the test. */
  leaveOpen(id: string, reason: string): void;
  /** Replays every run that was started, with the code of now. */
  replayAll(): Promise<void>;
  close(): Promise<void>;
}

export type Verb = 'retry' | 'approve' | 'reject' | 'withdraw' | 'keep';

export interface RunFailure {
  /** Code of the taxonomy, or `cancelled`. */
  readonly code: string;
  readonly message: string;
  readonly undone: readonly UndoReport[];
  readonly warnings: readonly string[];
  /** What was still to be put right. */
  readonly problems: readonly Problem[];
}

interface TenantOptions {
  readonly accounts: Readonly<Record<string, TenantActivities>>;
  readonly policy?: Partial<Policy> | undefined;
  readonly onClose?: () => Promise<void>;
}

export function createTenant(deps: TenantDeps, options: TenantOptions): Tenant {
  const { client, taskQueue, tenants } = deps;
  for (const [account, activities] of Object.entries(options.accounts)) tenants.set(account, activities);
  const policy = { ...TEST_POLICY, ...options.policy };
  const console = createProvisioner({
    client,
    taskQueue,
    policy,
    pages: { uiUrl: null, namespace: 'default' },
    crmFacts: {},
    callTimeoutMs: 30_000,
  });
  const started = new Map<string, Set<string>>();
  const leftOpen = new Map<string, string>();

  const runIdOf = async (id: string) => (await client.workflow.getHandle(id).describe()).runId;
  const remember = async (id: string) => {
    started.set(id, (started.get(id) ?? new Set()).add(await runIdOf(id)));
    return id;
  };

  const waitForProgress: Tenant['waitForProgress'] = async (id, isReached, deadlineMs = WAIT_MS) => {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      // In this order: a run that was closed before it was asked has said its last word.
      const { status } = await client.workflow.getHandle(id).describe();
      const progress = await console.progress(id);
      if (isReached(progress)) return progress;
      if (status.name !== 'RUNNING' || Date.now() > deadline) {
        throw new Error(
          `Run ${id} is ${status.name} without what was waited for: ${JSON.stringify(progress)}`,
        );
      }
      await wait(50);
    }
  };

  const endOf = async (id: string): Promise<ProvisionResult> => {
    const deadline = Date.now() + WAIT_MS;
    const outcome = await client
      .withDeadline(deadline, () => console.result(id))
      .catch((error: unknown) => {
        if (Date.now() < deadline) throw error;
        return null;
      });
    if (outcome !== null) return outcome;
    throw new Error(`Run ${id} does not end: ${JSON.stringify(await console.progress(id))}`);
  };

  /** Of a run that was cancelled by a message Temporal keeps no result: it has said itself how it ended. */
  const resultOf = async (id: string): Promise<ProvisionResult> => {
    try {
      return await endOf(id);
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof CancelledFailure)) throw error;
      const { status, step, warnings, problems } = await console.progress(id);
      if (status !== 'Cancelled') throw error;
      const nothing = { seatCount: null, groupLabels: [], groupIds: [], roster: null, messages: [] };
      return { status, detail: step, code: problems[0]?.code ?? null, warnings, ...nothing };
    }
  };

  return {
    console,
    async provision(deal, provisionOptions) {
      const { id } = await console.provision(deal, TRIGGER, provisionOptions);
      return remember(id);
    },
    async report(deal, by) {
      const { id } = await console.dealChanged(deal, { by: by ?? deal.crm, detail: 'test' });
      return remember(id);
    },
    async resume(deal, carriedOver) {
      const workflowId = provisioningId(deal);
      const input: ProvisionInput = { deal, trigger: TRIGGER, planHash: null, policy, ...carriedOver };
      await client.workflow.start(PROVISION_DEAL, { workflowId, taskQueue, args: [input] });
      return remember(workflowId);
    },
    runCount: (id) => started.get(id)?.size ?? 0,
    async cancelNatively(id) {
      await client.workflow.getHandle(id).cancel();
    },
    resultOf,
    async failureOf(id) {
      const outcome = await endOf(id).catch((error: unknown) => error);
      if (!(outcome instanceof WorkflowFailedError)) {
        throw new Error(
          `Run ${id} did not fail: ${outcome instanceof Error ? outcome : JSON.stringify(outcome)}`,
        );
      }
      return describeFailure(outcome.cause);
    },
    waitForProgress,
    async answer(id, verb, said = {}) {
      const { question } = await waitForProgress(
        id,
        ({ question: asked }) => asked?.answers.includes(verb) === true,
      );
      const answered = { question: question?.id ?? '', by: 'sales ops', reason: 'a test', ...said };
      return console[verb](id, answered);
    },
    waitForStatus: (id, status, deadlineMs) =>
      waitForProgress(id, (progress) => progress.status === status, deadlineMs),
    waitForEvidence: (isSeen, deadlineMs = WAIT_MS) => until('the stand-ins show it', isSeen, deadlineMs),
    async lastHeartbeatMs(id) {
      const { raw } = await client.workflow.getHandle(id).describe();
      return Math.max(0, ...(raw.pendingActivities ?? []).map(heartbeatMs));
    },
    historyOf: (id) => client.workflow.getHandle(id).fetchHistory(),
    async eventCount(id) {
      const { events } = await client.workflow.getHandle(id).fetchHistory();
      const lost = new Set((events ?? []).flatMap(eventsOfLostTurn));
      return (events?.length ?? 0) - lost.size;
    },
    async undoFailedAttribute(id) {
      const { typedSearchAttributes } = await client.workflow.getHandle(id).describe();
      return typedSearchAttributes.get(searchAttributeKeys.undoFailed);
    },
    temporalStatus: async (id) => (await client.workflow.getHandle(id).describe()).status.name,
    async terminate(id) {
      await client.workflow.getHandle(id).terminate('the server is lost');
    },
    leaveOpen: (id, reason) => leftOpen.set(id, reason),
    async replayAll() {
      for (const [id, runIds] of started) {
        const { status } = await client.workflow.getHandle(id).describe();
        if (status.name === 'RUNNING' && !leftOpen.has(id)) {
          throw new Error(`Run ${id} is still open; finish it, or say why not with leaveOpen()`);
        }
        for (const history of await chainOf(client, id, runIds)) await deps.replayer.replay(history, id);
      }
    },
    async close() {
      for (const id of started.keys()) {
        await client.workflow
          .getHandle(id)
          .terminate('the test is over')
          .catch(() => undefined);
      }
      for (const account of Object.keys(options.accounts)) tenants.delete(account);
      await options.onClose?.();
    },
  };
}

type HistoryEvent = NonNullable<History['events']>[number];

/** A turn that was never begun has no event for its start. */
function eventsOfLostTurn({ eventId, workflowTaskTimedOutEventAttributes: turn }: HistoryEvent): string[] {
  if (!turn) return [];
  return [eventId, turn.scheduledEventId, turn.startedEventId].map(String).filter((id) => Number(id) > 0);
}

type PendingStep = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function heartbeatMs({ lastHeartbeatTime: at }: PendingStep): number {
  return Number(at?.seconds ?? 0) * 1_000 + Number(at?.nanos ?? 0) / 1e6;
}

function describeFailure(cause: Error | undefined): RunFailure {
  if (cause instanceof CancelledFailure) {
    return { code: 'cancelled', message: cause.message, undone: [], warnings: [], problems: [] };
  }
  if (!(cause instanceof ApplicationFailure)) throw new Error('The run failed without a code', { cause });
  const [details] = (cause.details ?? []) as Partial<RunFailure>[];
  return {
    code: cause.type ?? '',
    message: cause.message,
    undone: details?.undone ?? [],
    warnings: details?.warnings ?? [],
    problems: details?.problems ?? [],
  };
}

/** A HubSpot portal that no other test of this server has. */
export function newPortalId(): string {
  return String(randomInt(100_000_000, 2_000_000_000));
}
