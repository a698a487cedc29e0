import type { ActivityName, ProvisioningActivities } from '../../src/contracts/activities.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import {
  clearingLinks,
  DEALS,
  ensuring,
  forLearners,
  HOLD,
  openWorld,
  PATIENCE,
  type SandboxCrm,
  type World,
  type WorldOptions,
} from './world.ts';

/** What each activity is given after everything before it went well; the two failure tables run them all. */
type Inputs = {
  readonly [A in ActivityName]: (
    world: World,
    crm: SandboxCrm,
  ) => Promise<Parameters<ProvisioningActivities[A]>[0]>;
};

const INPUTS: Inputs = {
  planDeal: async (_, crm) => ({ deal: DEALS[crm], source: 'event' }),
  ensureCodeGroup: async (world, crm) => {
    const plan = await world.plan(crm);
    return ensuring(plan, firstOf(plan.groups));
  },
  awaitCodes: async (world, crm) => ({ group: firstOf((await world.prepare(crm)).groups) }),
  writeRedeemLinks: (world, crm) => world.prepare(crm),
  attachRoster: (world, crm) => world.prepare(crm),
  sendMessages: (world, crm) => world.prepareMessages(crm),
  writeRecord: async (_, crm) => ({
    deal: DEALS[crm],
    hold: HOLD,
    write: { what: 'show', status: 'Provisioning', detail: 'x' },
  }),
  notifyOwner: async (_, crm) => ({ deal: DEALS[crm], ownerId: null, ...NOTICE }),
  closeNotices: async (world, crm) => {
    const { ownerId } = await world.plan(crm);
    await world.run('notifyOwner', { deal: DEALS[crm], ownerId, ...NOTICE });
    return { deal: DEALS[crm], keys: ['ask-'] };
  },
  quarantineCodeGroup: async (world, crm) => {
    const { deal, hold, plan } = await world.prepare(crm);
    return { deal, hold, ownerId: plan.ownerId, group: firstOf(plan.groups), groupId: null, ...PATIENCE };
  },
  clearRedeemLinks: async (world, crm) => {
    const handOver = await world.prepare(crm);
    await world.run('writeRedeemLinks', handOver);
    return clearingLinks(handOver);
  },
  removeRoster: async (world, crm) => {
    const { deal, hold, roster } = await world.prepareMessages(crm);
    return { deal, hold, fileName: roster.fileName };
  },
  withdrawSeats: async (world, crm) => {
    const { deal, hold, plan, groups } = await world.prepareMessages(crm);
    return { deal, hold, withdrawal: withdrawalOfOneSeat(plan, groups) };
  },
};

const NOTICE = { key: 'ask-1', subject: 's', text: 't', priority: 'high' } as const;

/** A world in which learners get codes, so that every activity has something to do. */
export function openStepWorld(options: WorldOptions = {}): Promise<World> {
  return openWorld({ catalog: forLearners, ...options });
}

/** One attempt of the activity, its input made by `INPUTS`. */
export async function prepareStep(world: World, activity: ActivityName, crm: SandboxCrm) {
  const input = await INPUTS[activity](world, crm);
  return (attempt = 1): Promise<unknown> => world.run(activity, input as never, { attempt });
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('the seeded deal plans no group');
  return first;
}
