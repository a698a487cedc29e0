import { expect } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { EXAMPLE_CATALOGUE } from '../../sandbox/thought-industries/catalog.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { DEAL_PROPERTIES, REDEEM_LINK_PROPERTY } from '../../src/clients/hubspot/fields.ts';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import type { Lms } from '../../src/clients/lms.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import type { SetupCheck } from '../../src/clients/setup-check.ts';
import { createThoughtIndustriesLms } from '../../src/clients/thought-industries/lms.ts';
import type { NamedInCrm } from '../../src/domain/deal/catalog-names.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { repeatUntilDone } from '../support/repeat-until-done.ts';
import type { Cell } from './matrix.ts';
import { type Outcome, outcomeOutsideRun } from './outcome.ts';

const DEALS = { hubspot: '9001', salesforce: '0065Y00001Suvw6QAB' };
const NO_CONTACT = '0035Y00001ZZZZZ';
const TOKEN = 'd0123456789abcde';
const FILE_NAME = `roster-${TOKEN}.csv`;
const LIST = HUBSPOT.catalog.tool.parse({ via: 'list', listId: '2001' }).tool;
const TOOLS = [
  LIST,
  HUBSPOT.catalog.tool.parse({ via: 'singleSend', emailId: 1234567 }).tool,
  HUBSPOT.catalog.tool.parse({
    via: 'sequence',
    sequenceId: '3001',
    userId: '4711',
    senderEmail: 'sam.ops@vendor.example',
  }).tool,
];
const NOTHING: NamedInCrm = {
  tool: NO_MAIL,
  roles: [],
  approvers: {},
  products: [],
  companies: [],
  skus: [],
};
const NEVER_SENT = { mayBeOutSince: null, lookUntil: 0, lookIntervalMs: 50, saidMissing: null };

/** Everything that is asked of the systems outside of a run, one thing after the other; safe to begin again. */
export async function runByHand(cell: Cell): Promise<Outcome> {
  const { call, crm, disturbance, after } = cell;
  const sandbox = await startSandbox({
    hubspot: { withDealseatProperties: false, searchIndexDelayMs: 500 },
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true } },
  });
  try {
    const act = crm === 'hubspot' ? askHubSpot(sandbox) : askSalesforce(sandbox);
    disturbance?.arm(sandbox, call, after);
    const codes = await repeatUntilDone(act);
    expect(fileCount(sandbox, crm)).toBe(1);
    return outcomeOutsideRun(sandbox, cell, codes);
  } finally {
    await sandbox.close();
  }
}

function askHubSpot(sandbox: Sandbox): () => Promise<void> {
  const { hubspot } = sandbox;
  // Nothing of it was delivered, so it does not keep the contact on the list.
  hubspot.state.createDeal({ contacts: [{ id: '6001' }] });
  addPoorAction(hubspot.state);
  const lms = lmsOf(sandbox);
  const crm = createHubSpotCrm({
    accessToken: 'sandbox-hubspot-token',
    portalId: '62515',
    baseUrl: hubspot.url,
    timeoutMs: 4_000,
  });
  return async () => {
    await checkPlatform(lms);
    for (const tool of TOOLS)
      await checkEverything(crm, { ...NOTHING, tool, roles: [{ key: 'buyer', name: 'Buyer' }] });
    await replaceRoster(crm);
    const list = crm.mailTool(LIST);
    const onList = { dealId: DEALS.hubspot, contactId: '6001' };
    const message = {
      ...onList,
      email: null,
      sendKey: 'dealseat-by-hand',
      subject: '',
      html: '',
      text: '',
      properties: {},
    };
    await list.deliver({ ...message, redeemLinks: [], roster: null }, NEVER_SENT);
    await list.takeBack(onList);
    await sweep(crm);
    const { state } = hubspot;
    expect(state.lists.get('2001').members.size).toBe(0);
    expect(ownProperties(state)).toEqual(OWN_PROPERTIES);
    expect(state.engagementsOf('notes', { object: 'deals', id: DEALS.hubspot })).toHaveLength(1);
  };
}

/** A property of ours from before an action was added. */
function addPoorAction({ properties }: Sandbox['hubspot']['state']): void {
  properties.createGroup('deals', { name: 'dealseat', label: 'Dealseat', displayOrder: -1 });
  const { name, label } = DEAL_PROPERTIES.action;
  const options = [{ label: 'Retry', value: 'Retry', hidden: false }];
  const select = { type: 'enumeration', fieldType: 'select', options };
  properties.create('deals', { name, label, groupName: 'dealseat', ...select });
}

const OWN_PROPERTIES = [...Object.values(DEAL_PROPERTIES), REDEEM_LINK_PROPERTY]
  .map(({ name }) => name)
  .sort();

/** Those of deals and contacts that are ours, each in a group that exists. */
function ownProperties({ properties }: Sandbox['hubspot']['state']): string[] {
  const ours = (['deals', 'contacts'] as const).flatMap((object) => properties.list(object));
  return ours
    .filter(({ groupName }) => groupName === 'dealseat')
    .map(({ name }) => name)
    .sort();
}

function askSalesforce(sandbox: Sandbox): () => Promise<void> {
  const lms = lmsOf(sandbox);
  const crm = createSalesforceCrm({
    loginUrl: sandbox.salesforce.url,
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
    orgId: '00D5Y000001MPM7',
    apiVersion: '66.0',
    timeoutMs: 4_000,
  });
  return async () => {
    await checkPlatform(lms);
    await checkEverything(crm, { ...NOTHING, roles: [{ key: 'buyer', name: 'Economic Buyer' }] });
    await replaceRoster(crm);
    await sweep(crm);
    expect(await crm.readMergedContacts([NO_CONTACT])).toEqual(new Map());
  };
}

export function lmsOf({ ti }: Pick<Sandbox, 'ti'>): Lms {
  return createThoughtIndustriesLms({
    baseUrl: ti.url,
    apiKey: 'sandbox-ti-key',
    codesPath: '/redemptionCodes/{groupId}/codes',
    requestsPerMinute: 1_000_000,
    timeoutMs: 4_000,
  });
}

/** What a catalog may name of the platform: licenses of a client that it names, and of one that it does not. */
async function checkPlatform(lms: Lms): Promise<void> {
  await lms.ping();
  const [course, license, client] = [
    EXAMPLE_CATALOGUE.courses,
    EXAMPLE_CATALOGUE.licenses,
    EXAMPLE_CATALOGUE.clients,
  ].map(([first]) => ({ id: first?.id ?? '', by: ['by hand'] }));
  if (!course || !license || !client) throw new Error('the tenant has one of each');
  const content = { courses: [course], learningPaths: [], bundles: [], licenses: [license] };
  const signal = new AbortController().signal;
  for (const clients of [[client], []]) {
    const checks: SetupCheck[] = [];
    for await (const check of lms.checkSetup({ named: { content, clients }, signal })) checks.push(check);
    requireSound(checks);
  }
}

async function checkEverything(crm: Crm, named: NamedInCrm): Promise<void> {
  await crm.ping();
  requireSound(await crm.checkSetup({ fix: true, named }));
}

function requireSound(checks: readonly SetupCheck[]): void {
  const bad = checks.find(({ state }) => state === 'missing' || state === 'failed');
  // The check tells what it found and does not throw; whoever reads it runs it again.
  if (bad) throw new DealseatError({ code: 'crm.unavailable', message: `${bad.name}: ${bad.advice}` });
}

async function replaceRoster(crm: Crm): Promise<void> {
  const dealId = dealOf(crm.name);
  const roster = (text: string) => ({
    dealId,
    fileName: FILE_NAME,
    csv: Buffer.from(text),
    noteHtml: '<p>roster</p>',
  });
  await crm.attachRoster(roster('code\r\nfirst\r\n'));
  await crm.attachRoster(roster('code\r\nfirst\r\n'));
  await crm.attachRoster(roster('code\r\nsecond\r\n'));
  const rosters = await crm.readRosters(dealId, TOKEN);
  expect(rosters.map(({ csv }) => Buffer.from(csv).toString())).toEqual(['code\r\nsecond\r\n']);
}

async function sweep(crm: Crm): Promise<void> {
  const until = new Date(Date.now() + 60_000).toISOString();
  const { deals } = await crm.findWonDeals({ since: '2020-01-01T00:00:00.000Z', until, limit: 100 });
  if (deals.some(({ dealId }) => dealId === dealOf(crm.name))) return;
  // The index does not know the deal yet: the sweep looks again.
  throw new DealseatError({ code: 'crm.unavailable', message: 'the sweep does not find the won deal' });
}

function dealOf(crm: CrmName): string {
  return crm === 'hubspot' ? DEALS.hubspot : DEALS.salesforce;
}

function fileCount({ hubspot, salesforce }: Sandbox, crm: CrmName): number {
  return crm === 'hubspot'
    ? hubspot.state.files.list().length
    : salesforce.state.files(DEALS.salesforce).length;
}
