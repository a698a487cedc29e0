import type { DealRef } from '../src/domain/deal.ts';
import type { PlanOutcome } from '../src/domain/plan.ts';
import type { Policy } from '../src/domain/policy.ts';
import { createProxies } from './proxies.ts';

export interface PreviewInput {
  readonly deal: DealRef;
  readonly policy: Policy;
}

/** Dry run: reads and plans, writes nothing. A workflow, so that only workers need credentials of the CRM. */
export async function previewDeal({ deal, policy }: PreviewInput): Promise<PlanOutcome> {
  return createProxies(policy).reading('Read the deal and plan').planDeal({ deal, reconsiders: true });
}
