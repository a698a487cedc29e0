import type { Policy } from '../src/contracts/policy.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { PlanOutcome } from '../src/domain/planning/plan.ts';
import { createProxies } from './proxies.ts';

export interface PreviewInput {
  readonly deal: DealRef;
  readonly policy: Policy;
}

/** Dry run: reads and plans, writes nothing. A workflow, so that only workers need credentials of the CRM. */
export async function previewDeal({ deal, policy }: PreviewInput): Promise<PlanOutcome> {
  return createProxies(policy).reading('Read the deal and plan').planDeal({ deal, reconsiders: true });
}
