import { afterEach, describe, expect, test } from '@jest/globals';
import type { Crm } from '../../src/clients/crm.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { createThoughtIndustriesLms } from '../../src/clients/thought-industries/lms.ts';
import type { HandOverInput } from '../../src/contracts/activities.ts';
import { importCodes } from '../../src/runs/import-codes.ts';
import { DEALS, failureOf, openWorld, type SandboxCrm, type World } from '../activities/world.ts';
import { exampleCatalog, testSealer } from '../support/sandbox-activities.ts';
import { SALESFORCE_DEAL } from '../support/sandbox-tenant.ts';

let world: World;
afterEach(() => world.close());

/** A deal whose groups exist on a tenant that lists no codes. */
async function waiting(crm: SandboxCrm): Promise<HandOverInput> {
  world = await openWorld({ sandbox: { ti: { codesPath: null } } });
  return world.prepare(crm);
}

function crmOf(name: SandboxCrm): Crm {
  const { hubspot, salesforce } = world.sandbox;
  return name === 'hubspot'
    ? createHubSpotCrm({
        accessToken: 'sandbox-hubspot-token',
        portalId: DEALS.hubspot.account,
        baseUrl: hubspot.url,
      })
    : createSalesforceCrm({
        loginUrl: salesforce.url,
        clientId: 'sandbox-sf-client',
        clientSecret: 'sandbox-sf-secret',
        orgId: DEALS.salesforce.account,
        apiVersion: '66.0',
      });
}

function codesOf(groupId: string): string[] {
  return world.sandbox.ti.state.codesOf(groupId).map(({ code }) => code);
}

function download(codes: readonly string[]): Buffer {
  return Buffer.from(['code,status', ...codes.map((code) => `${code},new`)].join('\n'));
}

interface Import {
  readonly label: string;
  readonly codes: readonly string[];
}

async function importing({ deal, groups }: HandOverInput, { label, codes }: Import) {
  const platform = createThoughtIndustriesLms({
    baseUrl: world.sandbox.ti.url,
    apiKey: 'sandbox-ti-key',
    codesPath: null,
    requestsPerMinute: 60_000,
  });
  const signal = new AbortController().signal;
  const deps = {
    crm: crmOf(deal.crm as SandboxCrm),
    platform,
    sealer: testSealer,
    catalog: exampleCatalog(),
  };
  return importCodes(
    { ...deps, signal },
    { deal, labels: groups.map((group) => group.label), wanted: label, csv: download(codes) },
  );
}

async function importAll(handOver: HandOverInput): Promise<void> {
  for (const { groupId, label } of handOver.groups) {
    await importing(handOver, { label, codes: codesOf(groupId) });
  }
}

async function deliverImported(crm: SandboxCrm): Promise<void> {
  const handOver = await waiting(crm);
  await importAll(handOver);
  await world.run('awaitCodes', { deal: handOver.deal, groups: handOver.groups });
  const { codeCount } = await world.run('attachRoster', handOver);
  expect(codeCount).toBe(handOver.plan.seatCount);
}

const IMPORT_FILE = /^codes-import-/;

function importFiles(): string[] {
  return world.sandbox.hubspot.state.files.list().flatMap(({ name }) => (IMPORT_FILE.test(name) ? name : []));
}

describe('A learning platform that lists no codes', () => {
  test('the codes of a new group cannot be listed -> the run waits, and names the command that imports them', async () => {
    const { deal, groups } = await waiting('hubspot');
    const failure = await failureOf(world.run('awaitCodes', { deal, groups }));
    expect(failure.code).toBe('lms.codes_path_missing');
    expect(failure.message).toContain(
      `dealseat codes import hubspot ${deal.dealId} <file.csv> --group ${groups[0]?.label}`,
    );
  });

  test('an administrator imports the download of each group in HubSpot -> the codes are delivered from it', async () => {
    await deliverImported('hubspot');
  });

  test('an administrator imports the download of each group in Salesforce -> the codes are delivered from it', async () => {
    await deliverImported('salesforce');
  });

  test('someone edits the imported file on the deal -> it is not used, and the run asks again', async () => {
    const handOver = await waiting('hubspot');
    await importAll(handOver);
    const crm = crmOf('hubspot');
    for (const { token } of handOver.groups) {
      for (const { fileName, csv } of await crm.readRosters(handOver.deal.dealId, token)) {
        const edited = Buffer.from(
          Buffer.from(csv)
            .toString()
            .replace(/\r\n(\w+)/, '\r\nmalloryscode'),
        );
        await crm.attachRoster({ dealId: handOver.deal.dealId, fileName, csv: edited, noteHtml: '' });
      }
    }
    const failure = await failureOf(world.run('attachRoster', handOver));
    expect(failure.code).toBe('lms.codes_path_missing');
  });

  test('the download has a code too few or one twice -> it is refused by its line, and nothing is put on the deal', async () => {
    const handOver = await waiting('hubspot');
    const [group] = handOver.groups;
    if (group === undefined) throw new Error('the seeded deal plans a group');
    const codes = codesOf(group.groupId);
    const { label } = group;
    const short = importing(handOver, { label, codes: codes.slice(1) });
    await expect(short).rejects.toThrow(
      `the file has ${codes.length - 1} codes, the group has ${codes.length} seats`,
    );
    const twice = [...codes.slice(1), codes[1] ?? ''];
    await expect(importing(handOver, { label, codes: twice })).rejects.toThrow(
      `line ${codes.length + 1}: the code stands in line 2 already`,
    );
    expect(importFiles()).toEqual([]);
  });

  test('the download of one group is imported for another of the same deal -> it is refused', async () => {
    const handOver = await waiting('salesforce');
    const [first, second] = handOver.groups;
    if (first === undefined || second === undefined) throw new Error('the seeded deal plans two groups');
    const codes = codesOf(first.groupId);
    await importing(handOver, { label: first.label, codes });
    const wrong = importing(handOver, { label: second.label, codes: codes.slice(0, second.seatCount) });
    await expect(wrong).rejects.toThrow(`the code was imported for group ${first.label}`);
  });

  test('the same download is imported for a deal of another customer -> it is refused, and no code goes to two customers', async () => {
    const handOver = await waiting('salesforce');
    const [group] = handOver.groups;
    if (group === undefined) throw new Error('the seeded deal plans a group');
    const codes = codesOf(group.groupId);
    await importing(handOver, { label: group.label, codes });
    const dealId = world.sandbox.salesforce.state.createOpportunity({
      ...SALESFORCE_DEAL,
      lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: group.seatCount }],
    });
    const other = await world.prepareDeal({ ...DEALS.salesforce, dealId });
    const [own] = other.groups;
    await expect(importing(other, { label: own?.label ?? '', codes })).rejects.toThrow(
      'these codes were imported for another group',
    );
  });
});
