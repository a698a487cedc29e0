import { afterEach, describe, expect, test } from '@jest/globals';
import type { HandOverInput, SendMessagesInput } from '../../src/contracts/activities.ts';
import { formatHold } from '../../src/domain/deal/hold.ts';
import type { Ledger } from '../../src/domain/deal/ledger.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { codesMade } from '../support/evidence.ts';
import { seenDeal } from './seen-deal.ts';
import {
  asRun,
  clearingLinks,
  DEPLOYMENT,
  ensuring,
  failureOf,
  forLearners,
  OTHER_DEPLOYMENT,
  OTHER_RUN,
  openWorld,
  PATIENCE,
  type World,
} from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;

function quarantining({ deal, hold, plan }: HandOverInput) {
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return { deal, hold, ownerId: plan.ownerId, group, groupId: null, ...PATIENCE };
}

function removing({ deal, hold, plan }: HandOverInput) {
  return { deal, hold, fileName: plan.rosterFileName };
}

describe.each(CRMS)('the quarantine of a group of a %s deal', (crm) => {
  const tasks = () => seenDeal(world.sandbox, crm).tasks();

  test('puts the exact label and id on one task, however often it runs', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const [group] = handOver.groups;
    const undo = quarantining(handOver);
    const first = await world.run('quarantineCodeGroup', undo);
    expect(first).toEqual({ quarantined: [`${group?.label} (${group?.groupId})`], isKept: false });
    expect(await world.run('quarantineCodeGroup', undo)).toEqual(first);
    expect(tasks()).toHaveLength(1);
  });

  test('names a group that is known, though the search of the platform does not find it yet', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const [group] = handOver.groups;
    world.sandbox.ti.state.options.indexDelayMs = Number.POSITIVE_INFINITY;
    const undo = { ...quarantining(handOver), groupId: group?.groupId ?? null, lookUpMs: 0 };
    const quarantined = [`${group?.label} (${group?.groupId})`];
    expect(await world.run('quarantineCodeGroup', undo)).toEqual({ quarantined, isKept: false });
    expect(tasks()).toHaveLength(1);
  });

  test('of a group that was never made does nothing', async () => {
    world = await openWorld();
    const plan = await world.plan(crm);
    const [group] = plan.groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    const undo = { ...ensuring(plan, group), ownerId: plan.ownerId, groupId: null };
    expect(await world.run('quarantineCodeGroup', undo)).toEqual({ quarantined: [], isKept: false });
    expect(tasks()).toEqual([]);
  });

  test('leaves the group to the next run, which takes it up again', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const undo = quarantining(handOver);
    await world.run('quarantineCodeGroup', undo);
    const again = await world.run('ensureCodeGroup', ensuring(handOver.plan, undo.group));
    expect(again.wasAdopted).toBe(true);
    expect(world.sandbox.ti.state.groups).toHaveLength(handOver.plan.groups.length);
  });
});

describe.each(CRMS)('what a run attached to a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  test('can be taken back, twice', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepareMessages(crm);
    for (let times = 1; times <= 2; times += 1) {
      expect(await world.run('removeRoster', removing(handOver))).toEqual({ isKept: false });
      expect(await world.run('clearRedeemLinks', clearingLinks(handOver))).toEqual({ isKept: false });
    }
    expect(deal().files()).toEqual([]);
    expect(deal().links().size).toBe(0);
  });
});

describe.each(CRMS)('what was handed out on a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  /** All three undos, as the given run would call them. */
  async function undoAll(handOver: HandOverInput) {
    return [
      await world.run('quarantineCodeGroup', quarantining(handOver)),
      await world.run('clearRedeemLinks', clearingLinks(handOver)),
      await world.run('removeRoster', removing(handOver)),
    ];
  }

  async function expectKept(handOver: SendMessagesInput): Promise<void> {
    const before = { links: deal().links(), files: deal().files(), tasks: deal().tasks() };
    expect(before.files).toHaveLength(1);
    expect(before.links.size).toBeGreaterThan(0);
    expect(await undoAll(handOver)).toEqual([
      { quarantined: [], isKept: true },
      { isKept: true },
      { isKept: true },
    ]);
    expect({ links: deal().links(), files: deal().files(), tasks: deal().tasks() }).toEqual(before);
  }

  function heldBy(deployment: string, run: string, isDone: boolean): void {
    deal().set('claim', formatHold({ deployment, run, at: new Date().toISOString(), isDone }));
  }

  async function deliveredByOther(): Promise<{ readonly own: SendMessagesInput; readonly ledger: Ledger }> {
    world = await openWorld({ catalog: forLearners });
    const own = await world.prepareMessages(crm);
    // The failed run left all of this; the one after it hands it over.
    heldBy(DEPLOYMENT, own.hold.run, true);
    const other = asRun(own, OTHER_RUN, deal().field('claim'));
    await world.run('sendMessages', other);
    return { own, ledger: deliveredLedger(own.plan, own.groups, own.roster) };
  }

  async function mark({ deal: ref, hold }: SendMessagesInput, run: string, ledger: Ledger): Promise<void> {
    const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
    await world.run('writeRecord', asRun({ deal: ref, hold, write }, run, deal().field('claim')));
  }

  test('by a later run stays when the earlier one is reset into its undo', async () => {
    const { own, ledger } = await deliveredByOther();
    await mark(own, OTHER_RUN, ledger);
    await expectKept(own);
  });

  test('in part by a run that was terminated stays as well', async () => {
    const { own } = await deliveredByOther();
    await expectKept(own);
  });

  test('by an earlier run stays when the run that holds the deal now gives up', async () => {
    const { own, ledger } = await deliveredByOther();
    await mark(own, OTHER_RUN, ledger);
    heldBy(DEPLOYMENT, own.hold.run, false);
    await expectKept(own);
  });

  test('stays while another deployment has the deal', async () => {
    world = await openWorld({ catalog: forLearners });
    const own = await world.prepareMessages(crm);
    heldBy(OTHER_DEPLOYMENT, OTHER_RUN, false);
    await expectKept(own);
  });

  test('is not known while the ledger cannot be read, so nothing is undone', async () => {
    world = await openWorld({ catalog: forLearners });
    const own = await world.prepareMessages(crm);
    deal().set('ledger', 'edited by somebody');
    for (const attempt of [
      world.run('quarantineCodeGroup', quarantining(own)),
      world.run('clearRedeemLinks', clearingLinks(own)),
      world.run('removeRoster', removing(own)),
    ]) {
      expect(await failureOf(attempt)).toMatchObject({ code: 'deal.mark_unreadable', nonRetryable: true });
    }
    expect(deal().files()).toHaveLength(1);
    expect(deal().tasks()).toEqual([]);
  });
});

describe('taking links back', () => {
  const deal = () => seenDeal(world.sandbox, 'hubspot');

  test('leaves the fields alone while the platform does not list every code, and names none', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare('hubspot');
    await world.run('attachRoster', handOver);
    const before = deal().links();
    world.sandbox.ti.state.options.listingDelayMs = Number.POSITIVE_INFINITY;
    const failure = await failureOf(world.run('clearRedeemLinks', clearingLinks(handOver)));
    expect(failure).toMatchObject({ code: 'lms.codes_not_listed', nonRetryable: false });
    for (const code of codesMade(world.sandbox)) expect(failure.message).not.toContain(code);
    expect(deal().links()).toEqual(before);
  });

  test('asks the platform nothing when no contact has a link', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare('hubspot');
    const asked = () => world.sandbox.exchanges.filter(({ system }) => system === 'ti').length;
    const before = asked();
    await world.run('clearRedeemLinks', clearingLinks(handOver));
    expect(asked()).toBe(before);
  });
});
