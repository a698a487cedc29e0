import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Sandbox } from '../../sandbox/index.ts';
import type { HandOverInput } from '../../src/contracts/activities.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { redeemLink } from '../../src/domain/seats/redeem-link.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import {
  CLAIM,
  clearingLinks,
  DEALS,
  ensuring,
  failureOf,
  forLearners,
  openWorld,
  type World,
} from './world.ts';

let world: World;
afterEach(() => world.close());

const CRMS = ['hubspot', 'salesforce'] as const;
const UPLOAD = {
  hubspot: { system: 'hubspot', method: 'POST', path: /^\/files\/v3\/files$/ },
  salesforce: { system: 'salesforce', method: 'POST', path: /ContentVersion/ },
} as const;

/** Bytes of the files on the deal, as the CRM has them. */
function files(crm: CrmName): Buffer[] {
  const { hubspot, salesforce } = world.sandbox;
  const { dealId } = DEALS[crm];
  const found =
    crm === 'hubspot'
      ? hubspot.state.attachmentsOf({ object: 'deals', id: dealId })
      : salesforce.state.files(dealId);
  return found.map(({ bytes }) => bytes);
}

function codesInFile(file: Buffer | undefined): string[] {
  const rows: { code: string }[] = parse(file ?? '', { columns: true });
  return rows.map(({ code }) => code).sort();
}

function codesMade({ ti }: Sandbox): string[] {
  return ti.state.codes.map(({ code }) => code).sort();
}

/** The redeem links of the deal's learners, by contact. */
function links(crm: CrmName): Map<string, string> {
  const { hubspot, salesforce } = world.sandbox;
  if (crm === 'salesforce') {
    const rows = salesforce.state.rows('Contact').filter((row) => row.Dealseat_Redeem_Link__c);
    return new Map(rows.map((row) => [String(row.Id), String(row.Dealseat_Redeem_Link__c)]));
  }
  const ids = ['6001', '6002'];
  const fields = ids.map(
    (id) => [id, hubspot.state.valuesOf('contacts', id).dealseat_redeem_link ?? ''] as const,
  );
  return new Map(fields.filter(([, link]) => link !== ''));
}

function setLink(crm: CrmName, contactId: string, link: string): void {
  const { hubspot, salesforce } = world.sandbox;
  if (crm === 'hubspot') hubspot.state.edit('contacts', contactId, { dealseat_redeem_link: link });
  else salesforce.state.records.update('Contact', contactId, { Dealseat_Redeem_Link__c: link });
}

/** Another deal of the same people. */
async function prepareSecond(crm: CrmName): Promise<HandOverInput> {
  const dealId = crm === 'hubspot' ? secondDeal(world.sandbox) : secondOpportunity(world.sandbox);
  const outcome = await world.run('planDeal', { deal: { ...DEALS[crm], dealId } });
  if (outcome.kind !== 'ready') throw new Error(`expected a plan, found ${JSON.stringify(outcome)}`);
  const { plan } = outcome;
  const groups = [];
  for (const group of plan.groups) groups.push(await world.run('ensureCodeGroup', ensuring(plan, group)));
  return { plan, groups, claim: CLAIM };
}

function secondDeal({ hubspot }: Sandbox): string {
  return hubspot.state.createDeal({
    companyId: '5001',
    lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }],
    contacts: [
      { id: '6001', labels: ['Buyer'] },
      { id: '6002', labels: ['Learner'] },
    ],
  });
}

function secondOpportunity({ salesforce: { state } }: Sandbox): string {
  const dealId = state.createOpportunity({
    name: 'Globex second academy',
    stageName: 'Closed Won',
    closeDate: '2026-11-21',
    account: { name: 'Globex Inc' },
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
  });
  for (const role of state.rows('OpportunityContactRole')) {
    if (role.OpportunityId !== DEALS.salesforce.dealId) continue;
    const { ContactId = null, Role = null, IsPrimary = false } = role;
    state.records.insert('OpportunityContactRole', { OpportunityId: dealId, ContactId, Role, IsPrimary });
  }
  return dealId;
}

describe.each(CRMS)('the roster on a %s deal', (crm) => {
  test('holds every code once, and the receipt tells its bytes', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const receipt = await world.run('attachRoster', handOver);
    const [file, ...more] = files(crm);
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
    expect(files(crm)).toHaveLength(1);
  });

  test('is there once when the answer to the upload was lost', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    world.fail({ ...UPLOAD[crm], kind: 'dropAfterCommit' });
    const failure = await failureOf(world.run('attachRoster', handOver));
    expect(failure.nonRetryable).toBe(false);
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(files(crm).map(codesInFile)).toEqual([codesMade(world.sandbox)]);
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
    expect(files(crm)).toEqual([]);
  });

  test('is not made when there are more codes than were sold', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    world.sandbox.ti.state.addCodes(handOver.groups[0]?.groupId ?? '', 1);
    const failure = await failureOf(world.run('attachRoster', handOver));
    expect(failure).toMatchObject({ code: 'lms.codes_inconsistent', nonRetryable: true });
    expect(files(crm)).toEqual([]);
  });

  test('can be taken back, twice', async () => {
    world = await openWorld();
    const handOver = await world.prepare(crm);
    const undo = { deal: DEALS[crm], fileName: handOver.plan.rosterFileName };
    await world.run('removeRoster', undo);
    await world.run('attachRoster', handOver);
    await world.run('removeRoster', undo);
    await world.run('removeRoster', undo);
    expect(files(crm)).toEqual([]);
  });
});

describe.each(CRMS)('the links of %s learners', (crm) => {
  test('go to each learner once a group, and the roster has what is left', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare(crm);
    await world.run('writeRedeemLinks', handOver);
    const written = links(crm);
    expect([...written.keys()].sort()).toEqual([...handOver.plan.learnerContactIds].sort());
    const lines = [...written.values()].flatMap((field) => field.split('\n'));
    expect(lines).toHaveLength(handOver.plan.groups.length * written.size);
    await world.run('attachRoster', handOver);
    const spare = codesInFile(files(crm)[0]);
    const given = codesMade(world.sandbox).filter((code) =>
      handOver.plan.groups.some(({ redeemUrl }) => lines.includes(redeemLink(redeemUrl, code))),
    );
    expect([...given, ...spare].sort()).toEqual(codesMade(world.sandbox));
    expect(given).toHaveLength(lines.length);
  });

  test('stay the same when the step runs again', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare(crm);
    await world.run('writeRedeemLinks', handOver);
    const before = links(crm);
    await world.run('writeRedeemLinks', handOver, { attempt: 2 });
    expect(links(crm)).toEqual(before);
  });

  test('can be taken back, twice', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare(crm);
    await world.run('writeRedeemLinks', handOver);
    const undo = clearingLinks(handOver);
    await world.run('clearRedeemLinks', undo);
    await world.run('clearRedeemLinks', undo);
    expect(links(crm).size).toBe(0);
  });
});

describe.each(CRMS)('a %s learner of two deals', (crm) => {
  test('has the links of both, also after each wrote over the other', async () => {
    world = await openWorld({ catalog: forLearners });
    const [first, second] = [await world.prepare(crm), await prepareSecond(crm)];
    await world.run('writeRedeemLinks', first);
    const ofFirst = links(crm);
    await world.run('writeRedeemLinks', second);
    const [contactId = ''] = second.plan.learnerContactIds;
    const both = links(crm).get(contactId) ?? '';
    expect(both.startsWith(`${ofFirst.get(contactId)}\n`)).toBe(true);
    expect(new Set(both.split('\n')).size).toBe(first.plan.groups.length + second.plan.groups.length);

    setLink(crm, contactId, ofFirst.get(contactId) ?? '');
    await world.run('attachRoster', second);
    expect(links(crm).get(contactId)).toBe(both);
  });

  test('keeps those of the one when the other is undone', async () => {
    world = await openWorld({ catalog: forLearners });
    const [first, second] = [await world.prepare(crm), await prepareSecond(crm)];
    await world.run('writeRedeemLinks', first);
    const ofFirst = links(crm);
    await world.run('writeRedeemLinks', second);
    await world.run('clearRedeemLinks', clearingLinks(second));
    expect(links(crm)).toEqual(ofFirst);
  });
});

describe('taking links back', () => {
  test('leaves the fields alone while the platform does not list every code, and names none', async () => {
    world = await openWorld({ catalog: forLearners });
    const handOver = await world.prepare('hubspot');
    await world.run('writeRedeemLinks', handOver);
    const before = links('hubspot');
    world.sandbox.ti.state.options.listingDelayMs = Number.POSITIVE_INFINITY;
    const failure = await failureOf(world.run('clearRedeemLinks', clearingLinks(handOver)));
    expect(failure).toMatchObject({ code: 'lms.codes_not_listed', nonRetryable: false });
    for (const code of codesMade(world.sandbox)) expect(failure.message).not.toContain(code);
    expect(links('hubspot')).toEqual(before);
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

test('a learner who lost the last link is taken off the list, also when that failed at first', async () => {
  world = await openWorld({
    catalog: (example) => ({
      ...example,
      handOver: { ...example.handOver, to: 'learners', hubspot: { via: 'list', listId: '2001' } },
    }),
  });
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
  const { members } = world.sandbox.hubspot.state.lists.get('2001');
  expect([...members.keys()]).toEqual(input.plan.learnerContactIds);
  const clawBack = withdrawalOfOneSeat(input.plan, input.groups);
  const none = { ...clawBack, groups: clawBack.groups.map((group) => ({ ...group, seatCount: 0 })) };
  world.fail({ system: 'hubspot', path: /memberships\/remove$/, kind: 'dropBefore' });
  await failureOf(world.run('withdrawSeats', { clawBack: none }));
  await world.run('withdrawSeats', { clawBack: none }, { attempt: 2 });
  expect([...members.keys()]).toEqual([]);
  expect(links('hubspot').size).toBe(0);
});

test('groups that do not follow the plan are a bug, not a failure of the taxonomy', async () => {
  world = await openWorld();
  const handOver = await world.prepare('salesforce');
  const swapped = { ...handOver, groups: [...handOver.groups].reverse() };
  await expect(world.run('attachRoster', swapped)).rejects.toThrow(/^Groups do not follow the plan/);
});
