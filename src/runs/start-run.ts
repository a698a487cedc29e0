import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { type Lane, PRIORITY } from '../contracts/lane.ts';
import type { Policy } from '../contracts/policy.ts';
import { MESSAGES, PROVISION_DEAL, type ProvisionInput, type Trigger } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import type { CrmFacts } from '../domain/deal/crm-facts.ts';
import type { CrmName, DealRef } from '../domain/deal/deal.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import { BEGUN_BY } from './beginnings.ts';

/** Where runs of deals are started, and by which bounds they work. */
export interface RunHome {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  /** How people call each CRM. */
  readonly crmFacts: Readonly<Record<CrmName, Pick<CrmFacts, 'displayName'>>>;
}

export interface StartOptions {
  /** Of a dry run; the run is skipped when the plan has another one by now. */
  readonly planHash?: string | null;
  readonly lane?: Lane;
  /** Who changed the deal in the CRM, for a fair share. */
  readonly changeSource?: string;
}

interface WantedRun extends StartOptions {
  readonly deal: DealRef;
  readonly trigger: Trigger;
}

/**
 * After this long Temporal takes a turn of a run from a worker that died with it. It takes milliseconds; the SDK stops
 * code that works for as long as this, and a worker that is overloaded repeats few turns for it.
 */
const TURN_MS = 5_000;

/** Starts the run of the deal, or tells the open one that the deal changed. @returns The id of the run's workflow. */
export async function startRun(
  { client, taskQueue, policy, crmFacts }: RunHome,
  wanted: WantedRun,
): Promise<string> {
  const { deal, trigger, planHash = null, lane = 'normal', changeSource } = wanted;
  const input: ProvisionInput = {
    deal,
    trigger,
    planHash,
    policy,
    taskQueue,
    ...(lane === 'bulk' ? { lane } : {}),
  };
  const id = provisioningId(deal);
  const run = {
    workflowId: id,
    taskQueue,
    workflowTaskTimeout: TURN_MS,
    args: [input] as const,
    // A closed run never blocks a needed one: the new run reads the deal's mark and the group's label.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    priority: { priorityKey: PRIORITY[lane], fairnessKey: originOf(deal, trigger, changeSource) },
    ...runFace(deal, trigger, crmFacts[deal.crm]?.displayName ?? deal.crm),
  };
  try {
    // Most deals have no open run, and one that is started needs no signal to know why.
    await client.workflow.start(PROVISION_DEAL, run);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Whether the open run goes on meanwhile or ends, it is told or another one is started.
    await client.workflow.signalWithStart(PROVISION_DEAL, {
      ...run,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      signal: MESSAGES.dealChanged,
      signalArgs: [trigger],
    });
  }
  return id;
}

/**
 * Who asked for the deal, for a fair share. Hashed, because it goes into history: it may name a user, and is compared
 * only. Temporal takes 64 bytes.
 */
function originOf({ crm, account }: DealRef, { by, detail }: Trigger, changeSource?: string): string {
  const asking = by === 'manual' ? detail : (changeSource ?? '');
  return createHash('sha256')
    .update(JSON.stringify([crm, account, by, asking]))
    .digest('base64url')
    .slice(0, 16);
}

/** What the list of the Temporal UI shows of a run. */
function runFace(deal: DealRef, trigger: Trigger, crm: string) {
  return {
    staticSummary: `${crm} deal ${deal.dealId}`,
    staticDetails: [
      `Provisioning of ${crm} deal ${deal.dealId}`,
      '',
      `- Account: ${deal.account}`,
      `- Started by: ${trigger.by} (${trigger.detail})`,
      '',
      '*Current Details* say how it stands, what to fix, and how to answer.',
    ].join('\n'),
    memo: { [BEGUN_BY]: trigger.by },
    typedSearchAttributes: [
      { key: searchAttributeKeys.status, value: 'Planning' },
      { key: searchAttributeKeys.crm, value: deal.crm },
      { key: searchAttributeKeys.dealId, value: deal.dealId },
    ],
  };
}
