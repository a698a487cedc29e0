import { expect } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import type { CrmName } from '../../src/domain/deal.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import type { History } from '../support/replay.ts';
import type { StartedDeal } from '../support/sandbox-tenant.ts';
import type { Scenario } from './matrix.ts';

interface Delivery {
  readonly crm: CrmName;
  readonly scenario: Scenario;
  readonly deal: StartedDeal;
  readonly warnings: readonly string[];
}

const SEATS = 3;
const PRODUCTS = 2;

/** What every delivery is, whatever went wrong on the way. */
export function checkDelivered(sandbox: Sandbox, { crm, scenario, deal, warnings }: Delivery): void {
  const seen = crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
  const { groups } = sandbox.ti.state;
  const codes = codesMade(sandbox);
  // Exactly one group for each product, with the codes that were sold.
  expect(groups).toHaveLength(PRODUCTS);
  expect(new Set(groups.map(({ label }) => label)).size).toBe(PRODUCTS);
  expect(codes).toHaveLength(SEATS);
  // Each code stands in one place: in the one roster or with one learner.
  expect(seen.rosters).toHaveLength(1);
  expect([...(seen.rosters[0] ?? []), ...linkedCodes(sandbox, crm)].sort()).toEqual(codes);
  expect(storedRosters(sandbox, crm, deal)).toBe(1);
  expect([...reached(sandbox, scenario, seen.mailedTo)].sort()).toEqual(recipients(crm, scenario));
  // The deal says what is true.
  expect(seen.fields).toMatchObject({ status: 'Delivered', seats: String(SEATS), run: deal.id });
  expect(seen.fields.group_id?.split(', ').sort()).toEqual(groups.map(({ id }) => id).sort());
  // The owner is told once; a refused task takes nothing back from the customer, and the run says so.
  const isUntold = warnings.some((warning) => warning.startsWith('The owner could not be told'));
  const told = seen.tasks.filter((subject) => subject === 'Dealseat: 3 seats delivered');
  expect(told).toHaveLength(isUntold ? 0 : 1);
  expect(new Set(seen.taskTexts).size).toBe(seen.taskTexts.length);
}

/** What every cancelled deal is; an undo that failed for good is told on the deal instead. */
export function checkUndone(
  sandbox: Sandbox,
  { crm, deal, undoFailed }: Pick<Delivery, 'crm' | 'deal'> & { readonly undoFailed: boolean },
): void {
  const seen = crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
  expect(seen.mailedTo).toEqual([]);
  expect(seen.fields.status).toBe('Cancelled');
  expect(sandbox.ti.state.groups).toHaveLength(PRODUCTS);
  for (const { label } of sandbox.ti.state.groups) {
    expect(seen.taskTexts.filter((text) => text.includes(`- ${label}`))).toHaveLength(1);
  }
  expect(seen.fields.detail?.includes(': failed. ')).toBe(undoFailed);
  if (undoFailed) return;
  expect(seen.rosters).toEqual([]);
  expect(storedRosters(sandbox, crm, deal)).toBe(0);
  expect(linkedCodes(sandbox, crm)).toEqual([]);
}

/** A code must be nowhere but in the learning platform and the CRM. */
export function checkNoCodes(history: History, codes: readonly string[]): void {
  const text = textOf(history);
  expect(codes.filter((code) => text.includes(code))).toEqual([]);
}

/** Payloads are bytes, so they are read as text before they are searched. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textOf).join('\n');
}

function linkedCodes({ hubspot, salesforce }: Sandbox, crm: CrmName): string[] {
  const links =
    crm === 'hubspot'
      ? ['6001', '6002'].map((id) => hubspot.state.valuesOf('contacts', id).dealseat_redeem_link)
      : salesforce.state.rows('Contact').map((row) => row.Dealseat_Redeem_Link__c);
  return links.flatMap((link) =>
    typeof link === 'string' && link !== ''
      ? link.split('\n').map((line) => line.slice(line.lastIndexOf('/') + 1))
      : [],
  );
}

/** Files of ours that exist at all, also those that hang on nothing. */
function storedRosters({ hubspot, salesforce }: Sandbox, crm: CrmName, { dealId }: StartedDeal): number {
  return crm === 'hubspot'
    ? hubspot.state.files.list().filter(({ folderPath }) => folderPath === '/dealseat/rosters').length
    : salesforce.state.files(dealId).length;
}

function reached({ hubspot }: Sandbox, scenario: Scenario, mailedTo: readonly string[]): readonly string[] {
  const { sequences, lists } = hubspot.state;
  switch (scenario) {
    case 'sequence':
      return [...mailedTo, ...sequences.enrollments.map(({ contactId }) => contactId)];
    case 'list':
    case 'listInDoubt':
      return [...mailedTo, ...lists.get('2001').members.keys()];
    default:
      return mailedTo;
  }
}

/** Each of them once. */
function recipients(crm: CrmName, scenario: Scenario): readonly string[] {
  const [buyer, learner] =
    crm === 'hubspot'
      ? ['dana.reyes@acme.example', 'lee.park@acme.example']
      : ['robin.vale@globex.example', 'jo.lind@globex.example'];
  switch (scenario) {
    case 'sequence':
    case 'list':
    case 'listInDoubt':
      return ['6001'];
    case 'learners':
      // Salesforce's own flow writes to learners, by the link on their contact.
      return crm === 'hubspot' ? [buyer, learner].sort() : [buyer];
    default:
      return [buyer];
  }
}
