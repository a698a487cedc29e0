import { proxyActivities } from '@temporalio/workflow';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import type { Policy } from '../src/contracts/policy.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import { activityBounds } from './calls.ts';

export interface PreviewInput {
  readonly deal: DealRef;
  readonly policy: Policy;
}

/** Dry run: reads and plans, writes nothing. A workflow, so that only workers need credentials of the CRM. */
export async function previewDeal({ deal, policy }: PreviewInput): Promise<Reading> {
  const options = { ...activityBounds(policy).read, summary: 'Read the deal and plan' };
  const { planDeal } = proxyActivities<ProvisioningActivities>(options);
  const reading = await planDeal({ deal, source: 'person', isPreview: true });
  if (reading.kind === 'unchanged') throw new TypeError('A reading without `seen` cannot be unchanged');
  return reading;
}
