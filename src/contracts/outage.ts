import type { CrmName, DealRef } from '../domain/deal/deal.ts';
import type { Outage } from '../domain/outage.ts';
import type { Policy } from './policy.ts';

/** A system that one probe asks for all runs: the CRM account, or the learning platform or seat store of the worker. */
export type ProbedSystem =
  | { readonly area: 'crm'; readonly crm: CrmName; readonly account: string }
  | { readonly area: 'lms' | 'store' };

/** A run that waits for the system. */
export interface ParkedRun {
  readonly workflowId: string;
  readonly deal: DealRef;
  /** When it gives up, in milliseconds since the epoch. */
  readonly untilMs: number;
}

export interface AwaitSystemInput {
  readonly system: ProbedSystem;
  readonly policy: Policy;
  readonly parked: readonly ParkedRun[];
}

/** Signal of that workflow, with a `ParkedRun`. */
export const PARK = 'park';

/** Signal of that workflow, with the workflow id of a run that does not wait any longer. */
export const UNPARK = 'unpark';

/** One workflow for each system, whatever waits for it. */
export function outageId(system: ProbedSystem, taskQueue = 'dealseat'): string {
  return system.area === 'crm'
    ? `outage:${system.crm}:${system.account}`
    : `outage:${system.area}:${taskQueue}`;
}

export function systemOf(outage: Outage, { crm, account }: DealRef): ProbedSystem {
  return outage === 'crm' ? { area: 'crm', crm, account } : { area: outage };
}

export interface ProbeInput {
  readonly system: ProbedSystem;
  /** One of those that wait. */
  readonly deal: DealRef;
}

export interface OutageActivities {
  /** Read: fails as long as the system is away. A refusal is an answer, which the runs put to people in their own words. */
  probeSystem(input: ProbeInput): Promise<void>;
}
