import { afterEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import type { ConcludeDeliveryInput } from '../../src/contracts/activities.ts';
import { parseHold } from '../../src/domain/deal/hold.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { seenDeal } from './seen-deal.ts';
import { DEALS, failureOf, openWorld, type SandboxCrm, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const DONE = 'Dealseat: 1 seat delivered';
const TASK = { method: 'POST', path: /\/tasks$|\/sobjects\/Task$/ } as const;

/** Of a deal on which nothing of ours was found, the task is not looked for. */
const CASES = CRMS.flatMap((crm) => [
  { crm, isUntouched: true, which: 'first' },
  { crm, isUntouched: false, which: 'second' },
]);

describe.each(CASES)('the end of the $which delivery on a $crm deal', ({ crm, isUntouched }) => {
  const deal = () => seenDeal(world.sandbox, crm);

  /** Of a deal whose roster was attached just now, and that nobody has changed since it was read. */
  async function handedOver(): Promise<ConcludeDeliveryInput> {
    world = await openWorld();
    const { deal: ref, hold, plan, groups, roster } = await world.prepareMessages(crm);
    const reading = await world.run('planDeal', { deal: ref, source: 'event' });
    if (reading.kind === 'unchanged') throw new Error('the deal was not read');
    const { print, readIn } = reading.deal;
    return {
      deal: ref,
      hold,
      write: {
        what: 'mark',
        status: 'Delivered',
        detail: 'done',
        facts: { seatCount: 1, groupLabels: ['label'], groupIds: ['id'], rosterUrl: roster.url },
        ledger: deliveredLedger(plan, groups, roster),
      },
      notice: {
        ownerId: OWNER[crm],
        key: 'delivered-1',
        subject: DONE,
        text: 'ready',
        priority: 'low',
        ...(isUntouched && readIn !== undefined && { untouchedIn: readIn }),
      },
      ...(print === undefined ? {} : { print }),
    };
  }

  test('is the mark, one task for the owner, and the word that nobody has changed the deal', async () => {
    const input = await handedOver();
    const found = await world.run('concludeDelivery', input);
    expect(found).toMatchObject({ isTold: true, unchanged: { changedAt: expect.any(String) } });
    expect([deal().field('status'), deal().field('seats'), deal().tasks()]).toEqual([
      'Delivered',
      '1',
      [DONE],
    ]);
    expect(parseHold(deal().field('claim'))).toMatchObject({ isDone: true });
  });

  test('is the same when it is repeated', async () => {
    const input = await handedOver();
    await world.run('concludeDelivery', input);
    expect(await world.run('concludeDelivery', input, { attempt: 2 })).toMatchObject({ isTold: true });
    expect([deal().field('status'), deal().tasks()]).toEqual(['Delivered', [DONE]]);
  });

  test('tells that the deal was changed since it was read', async () => {
    const input = await handedOver();
    RENAME[crm](world.sandbox);
    expect(await world.run('concludeDelivery', input)).toEqual({ isTold: true, unchanged: null });
  });

  test('is written though the owner cannot be told, and says so', async () => {
    const input = await handedOver();
    world.fail({ system: crm, ...TASK, kind: 'status', status: 400 });
    expect(await world.run('concludeDelivery', input)).toMatchObject({ isTold: false });
    expect([deal().field('status'), deal().tasks()]).toEqual(['Delivered', []]);
  });

  test('tells the owner once though the answer was lost', async () => {
    const input = await handedOver();
    world.fail({ system: crm, ...TASK, kind: 'dropAfterCommit' });
    // A CRM that does it all in one call cannot say what of it was done.
    const { isTold } = await world
      .run('concludeDelivery', input)
      .catch(() => world.run('concludeDelivery', input, { attempt: 2 }));
    const { deal: ref, notice } = input;
    if (!isTold) await world.run('notifyOwner', { deal: ref, ...notice });
    expect(deal().tasks()).toEqual([DONE]);
  });

  test('tells nobody of a mark that must not be written', async () => {
    const input = await handedOver();
    deal().removeFiles();
    expect(await failureOf(world.run('concludeDelivery', input))).toMatchObject({
      code: 'crm.roster_missing',
    });
    expect([deal().field('status'), deal().tasks()]).toEqual([null, []]);
  });
});

const OWNER: Readonly<Record<SandboxCrm, string | null>> = { hubspot: '8001', salesforce: null };

const RENAME: Readonly<Record<SandboxCrm, (sandbox: Sandbox) => void>> = {
  hubspot: ({ hubspot }) => hubspot.state.edit('deals', DEALS.hubspot.dealId, { dealname: 'Sold once more' }),
  salesforce: ({ salesforce }) =>
    salesforce.state.updateOpportunity(DEALS.salesforce.dealId, { Name: 'Sold once more' }),
};
