import { Context } from '@temporalio/activity';
import {
  ACTIVITY_NAMES,
  type ActivityName,
  type ProvisioningActivities,
} from '../../src/contracts/activities.ts';
import type { OutageActivities, ProbeInput } from '../../src/contracts/outage.ts';
import type { TenantActivities } from './tenant.ts';

/** One worker's activities, each call carried out by those of the CRM account that its workflow id names. */
export function routeByAccount(
  accounts: ReadonlyMap<string, TenantActivities>,
): ProvisioningActivities & OutageActivities {
  const route =
    (name: ActivityName) =>
    (input: never): Promise<unknown> => {
      const { workflowExecution } = Context.current().info;
      const account = workflowExecution?.workflowId.split(':')[2] ?? '';
      const activities = accounts.get(account);
      if (activities === undefined) throw new Error(`The test of account ${account} has ended`);
      return (activities[name] as (input: never) => Promise<unknown>)(input);
    };
  const provisioning = Object.fromEntries(
    ACTIVITY_NAMES.map((name) => [name, route(name)]),
  ) as unknown as ProvisioningActivities;
  // A probe is of no run; one of those that wait for it names its account.
  const probeSystem = async (input: ProbeInput) => accounts.get(input.deal.account)?.probeSystem?.(input);
  return { ...provisioning, probeSystem };
}
