import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ProvisionResult } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';

/** What a run delivered, and when. */
export interface PastDelivery
  extends Pick<ProvisionResult, 'seatCount' | 'groupLabels' | 'roster' | 'messages'> {
  /** UTC instant. */
  readonly at: string;
}

/** Later runs that found nothing to do returned no roster; that many of them are passed over. */
const MAX_RUNS = 10;

export async function findDelivery(
  client: Pick<Client, 'workflow'>,
  id: string,
): Promise<PastDelivery | null> {
  const query = `WorkflowId = '${id}' AND ${searchAttributeKeys.status.name} = 'Delivered' AND ExecutionStatus = 'Completed'`;
  let looked = 0;
  for await (const { runId, closeTime } of client.workflow.list({ query })) {
    const result = await resultOf(client, id, runId);
    if (result?.roster && closeTime !== undefined) {
      const { seatCount, groupLabels, roster, messages } = result;
      return { seatCount, groupLabels, roster, messages, at: closeTime.toISOString() };
    }
    looked += 1;
    if (looked >= MAX_RUNS) break;
  }
  return null;
}

async function resultOf(
  client: Pick<Client, 'workflow'>,
  id: string,
  runId: string,
): Promise<ProvisionResult | null> {
  try {
    return await client.workflow.getHandle(id, runId, { followRuns: false }).result();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
