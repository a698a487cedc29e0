import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { codesMade } from '../support/evidence.ts';
import { codesInFile, seenDeal } from './seen-deal.ts';
import { failureOf, openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const UPLOAD = {
  hubspot: { system: 'hubspot', method: 'POST', path: /^\/files\/v3\/files$/ },
  salesforce: { system: 'salesforce', method: 'POST', path: /ContentVersion/ },
} as const;

describe.each(CRMS)('the roster on a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);

  test('holds every code once, and the receipt tells its bytes', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const receipt = await world.run('attachRoster', handOver);
    const [file, ...more] = deal().files();
    expect(more).toEqual([]);
    expect(codesInFile(file)).toEqual(codesMade(world.sandbox));
    expect(receipt).toMatchObject({
      fileName: handOver.plan.rosterFileName,
      codeCount: handOver.plan.seatCount,
      sha256: createHash('sha256')
        .update(file ?? '')
        .digest('hex'),
    });
  });

  test('is there once, however often it is attached', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const first = await world.run('attachRoster', handOver);
    expect(await world.run('attachRoster', handOver, { attempt: 2 })).toEqual(first);
    expect(deal().files()).toHaveLength(1);
  });

  test('is there once when the answer to the upload was lost', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    world.fail({ ...UPLOAD[crm], kind: 'dropAfterCommit' });
    const failure = await failureOf(world.run('attachRoster', handOver));
    expect(failure.nonRetryable).toBe(false);
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(deal().files().map(codesInFile)).toEqual([codesMade(world.sandbox)]);
  });

  test('has the same bytes whatever the order of the pages', async () => {
    world = await openWorld({ sandbox: { ti: { codesPerPage: 3, duplicateRows: true } } });
    const handOver = await world.prepare(crm);
    const first = await world.run('attachRoster', handOver);
    Object.assign(world.sandbox.ti.state.options, { codesPerPage: 7, duplicateRows: false });
    expect((await world.run('attachRoster', handOver)).sha256).toBe(first.sha256);
  });

  test('is not made while codes are missing, and the failure counts them', async () => {
    world = await openWorld({ sandbox: { ti: { listingDelayMs: 1_000_000, listingBatches: 2 } } });
    const failure = await failureOf(world.run('attachRoster', await world.prepare(crm)));
    expect(failure).toMatchObject({ code: 'lms.codes_not_listed', nonRetryable: false });
    expect(failure.message).toMatch(/^0 of \d+ codes of \S+ are listed$/);
    expect(deal().files()).toEqual([]);
  });

  test('is not made when there are more codes than were sold', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    world.sandbox.ti.state.addCodes(handOver.groups[0]?.groupId ?? '', 1);
    const failure = await failureOf(world.run('attachRoster', handOver));
    expect(failure).toMatchObject({ code: 'lms.codes_inconsistent', nonRetryable: true });
    expect(deal().files()).toEqual([]);
  });
});

test('groups that do not follow the plan are a bug, not a failure of the taxonomy', async () => {
  world = await openWorld();
  const handOver = await world.prepare('salesforce');
  const swapped = { ...handOver, groups: [...handOver.groups].reverse() };
  await expect(world.run('attachRoster', swapped)).rejects.toThrow(/^Groups do not follow the plan/);
});
