import { sleep } from '@temporalio/workflow';
import type { ProvisionInput, ProvisionResult } from '../../../src/contracts/run.ts';
import { provisionDeal as current } from '../../../workflows/provision-deal.ts';

/** The workflow with one change that breaks open runs: a timer that their history does not have. */
export async function provisionDeal(input: ProvisionInput): Promise<ProvisionResult> {
  await sleep('1 second');
  return current(input);
}
