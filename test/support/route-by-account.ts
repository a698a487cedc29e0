import { Context } from '@temporalio/activity';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';

type Name = keyof ProvisioningActivities;

const NAMES: Record<Name, true> = {
  planDeal: true,
  ensureCodeGroup: true,
  awaitCodes: true,
  writeRedeemLinks: true,
  attachRoster: true,
  sendMessages: true,
  writeDealStatus: true,
  isClaimedElsewhere: true,
  notifyOwner: true,
  quarantineCodeGroup: true,
  clearRedeemLinks: true,
  removeRoster: true,
  withdrawSeats: true,
};

export const ACTIVITY_NAMES = Object.keys(NAMES) as readonly Name[];

/** One worker's activities, each call carried out by those of the CRM account that its workflow id names. */
export function routeByAccount(
  accounts: ReadonlyMap<string, ProvisioningActivities>,
): ProvisioningActivities {
  const route =
    (name: Name) =>
    (input: never): Promise<unknown> => {
      const { workflowExecution } = Context.current().info;
      const account = workflowExecution?.workflowId.split(':')[2] ?? '';
      const activities = accounts.get(account);
      if (activities === undefined) throw new Error(`The test of account ${account} has ended`);
      return (activities[name] as (input: never) => Promise<unknown>)(input);
    };
  return Object.fromEntries(
    ACTIVITY_NAMES.map((name) => [name, route(name)]),
  ) as unknown as ProvisioningActivities;
}
