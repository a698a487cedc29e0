import type {
  ActivityName,
  HandOverInput,
  ProvisioningActivities,
  RecordWrite,
} from '../../src/contracts/activities.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import {
  clearingLinks,
  DEALS,
  ensuring,
  failureOf,
  forLearners,
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
  awaitCodes: async (world, crm) => ({ deal: DEALS[crm], groups: (await world.prepare(crm)).groups }),
  attachRoster: (world, crm) => world.prepare(crm),
  sendMessages: (world, crm) => world.prepareMessages(crm),
  concludeDelivery: async (world, crm) => {
    const { deal, hold, plan, groups, roster } = await world.prepareMessages(crm);
    return {
      deal,
      hold,
      write: markOf(plan, groups, roster),
      notice: { ownerId: null, ...NOTICE },
      print: '',
    };
  },
  writeRecord: (world, crm) => recordWriting(world, crm, 'show'),
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
    await world.run('attachRoster', handOver);
    return clearingLinks(handOver);
  },
  removeRoster: async (world, crm) => {
    const { deal, hold, roster } = await world.prepareMessages(crm);
    return { deal, hold, fileName: roster.fileName };
  },
  // Its own work is in the seat store, which this world does without.
  swapSeats: async (_, crm) => ({
    deal: DEALS[crm],
    pairs: [],
    questionId: '',
    by: 'ana',
    reason: '',
    askedAt: 0,
    isAskedAnew: false,
  }),
  withdrawSeats: async (world, crm) => {
    const { deal, hold, plan, groups } = await world.prepareMessages(crm);
    return { deal, hold, withdrawal: withdrawalOfOneSeat(plan, groups) };
  },
};

type RecordWriting = Parameters<ProvisioningActivities['writeRecord']>[0];

/** After the hand-over, as each ending of a run writes it. */
async function recordWriting(
  world: World,
  crm: SandboxCrm,
  what: RecordWrite['what'],
): Promise<RecordWriting> {
  const { deal, hold, plan, groups, roster } = await world.prepareMessages(crm);
  const mark = markOf(plan, groups, roster);
  const { ledger, facts } = mark;
  const writes: Readonly<Record<RecordWrite['what'], RecordWrite>> = {
    show: { what: 'show', status: 'Provisioning', detail: 'x' },
    take: { what: 'take', action: 'Retry', status: null, detail: 'x' },
    note: { what: 'note', status: 'HandingOver', detail: 'x', ledger },
    mark,
    end: { what: 'end', status: 'Cancelled', detail: 'x', facts, stopped: { by: 'ana', wonAt: null } },
  };
  return { deal, hold, write: writes[what] };
}

function markOf(...delivery: Parameters<typeof deliveredLedger>) {
  const [, , roster] = delivery;
  const facts = { seatCount: 1, groupLabels: ['label'], groupIds: ['id'], rosterUrl: roster.url };
  const ledger = deliveredLedger(...delivery);
  return { what: 'mark', status: 'Delivered', detail: 'x', facts, ledger } as const;
}

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

/** As `prepareStep`, for each thing that is written on the record. */
export async function prepareRecordWrite(world: World, what: RecordWrite['what'], crm: SandboxCrm) {
  const input = await recordWriting(world, crm, what);
  return (attempt = 1) => world.run('writeRecord', input, { attempt });
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('the seeded deal plans no group');
  return first;
}

const ROSTER_UPLOAD = /^\/files\/v3\/files$|\/sobjects\/ContentVersion$/;

/** The worker is lost after the links of learners, before the roster. */
export async function writeLinksOnly(world: World, handOver: HandOverInput): Promise<void> {
  world.fail({
    system: handOver.deal.crm as SandboxCrm,
    method: 'POST',
    path: ROSTER_UPLOAD,
    kind: 'dropBefore',
  });
  await failureOf(world.run('attachRoster', handOver));
}
