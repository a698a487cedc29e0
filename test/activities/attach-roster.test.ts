import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import { codesMade } from '../support/evidence.ts';
import { codesInFile, seenDeal } from './seen-deal.ts';
import { failureOf, openWorld, type World, type WorldOptions } from './world.ts';

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

describe.each(CRMS)('the workbook beside the roster on a %s deal', (crm) => {
  const deal = () => seenDeal(world.sandbox, crm);
  const withWorkbook: WorldOptions['catalog'] = (example) => ({
    ...example,
    handOver: { ...example.handOver, workbook: true },
  });

  test('is there once with the same codes, however often it is attached', async () => {
    world = await openWorld({ catalog: withWorkbook });
    const handOver = await world.prepare(crm);
    const first = await world.run('attachRoster', handOver);
    expect(first.workbookFileId).toEqual(expect.any(String));
    expect(await world.run('attachRoster', handOver, { attempt: 2 })).toEqual(first);
    const [workbook, ...more] = deal().workbooks();
    expect(more).toEqual([]);
    expect(deal().files()).toHaveLength(1);
    const text = textOfWorkbook(workbook);
    for (const code of codesMade(world.sandbox)) expect(text).toContain(`>${code}<`);
  });

  test('is there once when the answer to its upload was lost', async () => {
    world = await openWorld({ catalog: withWorkbook });
    const handOver = await world.prepare(crm);
    world.fail({ ...UPLOAD[crm], after: 1, kind: 'dropAfterCommit' });
    await world.run('attachRoster', handOver).catch(() => undefined);
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(deal().workbooks()).toHaveLength(1);
    expect(deal().files()).toHaveLength(1);
  });

  test('goes with the roster when that is taken back', async () => {
    world = await openWorld({ catalog: withWorkbook });
    const { deal: ref, hold, roster } = await world.prepareMessages(crm);
    await world.run('removeRoster', { deal: ref, hold, fileName: roster.fileName });
    expect([...deal().workbooks(), ...deal().files()]).toEqual([]);
  });

  test('of earlier seats does not stay beside a roster without one', async () => {
    world = await openWorld({ catalog: withWorkbook });
    const handOver = await world.prepare(crm);
    await world.run('attachRoster', handOver);
    const { hasWorkbook: _, ...plan } = handOver.plan;
    await world.run('attachRoster', { ...handOver, plan }, { attempt: 2 });
    expect(deal().workbooks()).toEqual([]);
    expect(deal().files()).toHaveLength(1);
  });

  test('is made by default where it costs no further request', async () => {
    world = await openWorld();
    await world.run('attachRoster', await world.prepare(crm));
    expect(deal().workbooks()).toHaveLength(crm === 'salesforce' ? 1 : 0);
  });
});

test('groups that do not follow the plan are a bug, not a failure of the taxonomy', async () => {
  world = await openWorld();
  const handOver = await world.prepare('salesforce');
  const swapped = { ...handOver, groups: [...handOver.groups].reverse() };
  await expect(world.run('attachRoster', swapped)).rejects.toThrow(/^Groups do not follow the plan/);
});

function textOfWorkbook(bytes: Buffer | undefined): string {
  return Object.values(unzipSync(bytes ?? new Uint8Array()))
    .map((part) => strFromU8(part))
    .join('\n');
}
