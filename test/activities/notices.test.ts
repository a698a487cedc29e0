import { afterEach, describe, expect, test } from '@jest/globals';
import { seenDeal } from './seen-deal.ts';
import { DEALS, openWorld, type SandboxCrm, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const NOTICE = {
  key: 'ask-1',
  subject: 'Please help',
  text: 'line one\nline two',
  priority: 'high',
} as const;
const OWNER: Readonly<Record<SandboxCrm, string | null>> = { hubspot: '8001', salesforce: null };

function notify(crm: SandboxCrm, changes: { readonly key?: string; readonly subject?: string } = {}) {
  return world.run('notifyOwner', { deal: DEALS[crm], ownerId: OWNER[crm], ...NOTICE, ...changes });
}

describe.each(CRMS)('a notice to the owner of a %s deal', (crm) => {
  const tasks = () => seenDeal(world.sandbox, crm).tasks();
  const openTasks = () => seenDeal(world.sandbox, crm).openTasks();

  test('becomes one task, however often it is told', async () => {
    world = await openWorld();
    await notify(crm);
    await notify(crm);
    expect(tasks()).toEqual(['Please help']);
  });

  test('of another key becomes another task', async () => {
    world = await openWorld();
    await notify(crm);
    await notify(crm, { key: 'ask-2', subject: 'Something else' });
    expect(tasks().sort()).toEqual(['Please help', 'Something else']);
  });

  test('becomes one task when the answer was lost', async () => {
    world = await openWorld();
    const create = crm === 'hubspot' ? /\/tasks$/ : /\/sobjects\/Task/;
    world.fail({ system: crm, method: 'POST', path: create, kind: 'dropAfterCommit' });
    await notify(crm).catch(() => undefined);
    await notify(crm);
    expect(world.sandbox.faults.hits).toHaveLength(1);
    expect(tasks()).toEqual(['Please help']);
  });

  test('is closed with all of its kind, but for the one that is asked now', async () => {
    world = await openWorld();
    await notify(crm);
    await notify(crm, { key: 'ask-2', subject: 'Asked now' });
    await notify(crm, { key: 'withdrawn-1', subject: 'Expire codes' });
    await world.run('closeNotices', { deal: DEALS[crm], keys: ['ask-', 'ended-'], except: 'ask-2' });
    expect(openTasks().sort()).toEqual(['Asked now', 'Expire codes']);
    await world.run('closeNotices', { deal: DEALS[crm], keys: ['ask-'] });
    expect(openTasks()).toEqual(['Expire codes']);
  });
});
