import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { PROVISION_DEAL, type RunStatus } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { parseProvisioningId } from '../domain/deal/ids.ts';

const OF_DEALS = `WorkflowType = '${PROVISION_DEAL}'`;

/** Temporal compares so many ids in one query. */
const IDS_A_QUERY = 50;

/**
 * The run that tells how each deal stands, open ones first, then those that ended last. Temporal lists runs, of which a deal
 * has one for each time that it was looked at.
 */
export async function listDeals(
  client: Pick<Client, 'workflow'>,
  { status, limit }: { readonly status?: RunStatus; readonly limit: number },
): Promise<WorkflowExecutionInfo[]> {
  const isWanted = status === undefined ? '' : ` AND ${searchAttributeKeys.status.name} = '${status}'`;
  const latest = new Map<string, WorkflowExecutionInfo>();
  for await (const info of client.workflow.list({ query: OF_DEALS + isWanted })) {
    if (latest.has(info.workflowId) || parseProvisioningId(info.workflowId) === null) continue;
    latest.set(info.workflowId, info);
    if (latest.size >= limit) break;
  }
  // With a status asked for, a newer run may have another one.
  const unsure = [...latest.values()].filter((info) => status !== undefined || statusOf(info) === 'Skipped');
  const all = await runsOf(
    client,
    unsure.filter(({ closeTime }) => closeTime !== undefined),
  );
  const deals = [...latest.values()].map((info) => tellingRun(all.get(info.workflowId) ?? [info]));
  return deals.filter((info) => status === undefined || statusOf(info) === status);
}

/** Every run of these deals, the latest first. */
async function runsOf(
  client: Pick<Client, 'workflow'>,
  deals: readonly WorkflowExecutionInfo[],
): Promise<ReadonlyMap<string, WorkflowExecutionInfo[]>> {
  const runs = new Map<string, WorkflowExecutionInfo[]>();
  for (let first = 0; first < deals.length; first += IDS_A_QUERY) {
    const ids = deals.slice(first, first + IDS_A_QUERY).map(({ workflowId }) => `'${workflowId}'`);
    for await (const info of client.workflow.list({ query: `WorkflowId IN (${ids.join(', ')})` })) {
      runs.set(info.workflowId, [...(runs.get(info.workflowId) ?? []), info]);
    }
  }
  return runs;
}

/** A later look that had nothing to do takes nothing back of a delivery. The runs of one deal, the latest first. */
export function tellingRun<Info extends Pick<WorkflowExecutionInfo, 'typedSearchAttributes' | 'status'>>(
  runs: readonly [Info, ...Info[]] | readonly Info[],
): Info {
  const [latest] = runs;
  if (latest === undefined) throw new RangeError('A deal has at least one run');
  if (statusOf(latest) !== 'Skipped') return latest;
  const before = runs.find((info) => statusOf(info) !== 'Skipped');
  return before !== undefined && statusOf(before) === 'Delivered' ? before : latest;
}

function statusOf({
  typedSearchAttributes: attributes,
  status,
}: Pick<WorkflowExecutionInfo, 'typedSearchAttributes' | 'status'>): string {
  return attributes.get(searchAttributeKeys.status) ?? status.name;
}
