import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import {
  CLAIM,
  clearingLinks,
  DEALS,
  ensuring,
  forLearners,
  openWorld,
  type World,
  type WorldOptions,
} from './world.ts';

export type ActivityName = keyof ProvisioningActivities;

/** What each activity is given after everything before it went well; the two failure tables run them all. */
type Inputs = {
  readonly [A in ActivityName]: (
    world: World,
    crm: CrmName,
  ) => Promise<Parameters<ProvisioningActivities[A]>[0]>;
};

const INPUTS: Inputs = {
  planDeal: async (_, crm) => ({ deal: DEALS[crm] }),
  ensureCodeGroup: async (world, crm) => {
    const plan = await world.plan(crm);
    return ensuring(plan, firstOf(plan.groups));
  },
  awaitCodes: async (world, crm) => ({ group: firstOf((await world.prepare(crm)).groups) }),
  writeRedeemLinks: (world, crm) => world.prepare(crm),
  attachRoster: (world, crm) => world.prepare(crm),
  sendMessages: (world, crm) => world.prepareMessages(crm),
  writeDealStatus: async (_, crm) => ({ deal: DEALS[crm], status: 'Provisioning', detail: 'x' }),
  isClaimedElsewhere: async (_, crm) => ({ deal: DEALS[crm], seenClaim: null, claim: CLAIM }),
  notifyOwner: async (_, crm) => ({ deal: DEALS[crm], ownerId: null, key: 'k-1', subject: 's', text: 't' }),
  quarantineCodeGroup: async (world, crm) => {
    const { plan } = await world.prepare(crm);
    return { deal: DEALS[crm], ownerId: plan.ownerId, group: firstOf(plan.groups) };
  },
  clearRedeemLinks: async (world, crm) => {
    const handOver = await world.prepare(crm);
    await world.run('writeRedeemLinks', handOver);
    return clearingLinks(handOver);
  },
  removeRoster: async (world, crm) => {
    const { plan, roster } = await world.prepareMessages(crm);
    return { deal: plan.deal, fileName: roster.fileName };
  },
  withdrawSeats: async (world, crm) => {
    const { plan, groups } = await world.prepareMessages(crm);
    return { clawBack: withdrawalOfOneSeat(plan, groups) };
  },
};

export const ACTIVITIES = Object.keys(INPUTS) as ActivityName[];

/** A world in which learners get codes, so that every activity has something to do. */
export function openStepWorld(options: WorldOptions = {}): Promise<World> {
  return openWorld({ catalog: forLearners, ...options });
}

/** One attempt of the activity, its input made by `INPUTS`. */
export async function prepareStep(world: World, activity: ActivityName, crm: CrmName) {
  const input = await INPUTS[activity](world, crm);
  return (attempt = 1): Promise<unknown> => world.run(activity, input as never, { attempt });
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('the seeded deal plans no group');
  return first;
}
