import { expect } from '@jest/globals';
import type { Sandbox } from '../../sandbox/index.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import {
  codesMade,
  type Evidence,
  hubspotEvidence,
  isRoster,
  salesforceEvidence,
} from '../support/evidence.ts';
import type { History } from '../support/replay.ts';
import type { StartedDeal } from '../support/sandbox-tenant.ts';
import { type Amendment, isAmendment, type Scenario } from './matrix.ts';

interface Delivery {
  readonly crm: CrmName;
  readonly scenario: Scenario;
  readonly deal: StartedDeal;
  readonly warnings: readonly string[];
}

const PRODUCTS = 2;

/** What there is in the end: groups and codes that were made, seats that the customer has, and what people are told. */
interface Expected {
  readonly groups: number;
  readonly codes: number;
  readonly seats: number;
  readonly messages: number;
  /** Subject of the task that tells of it. */
  readonly task: RegExp;
}

const ONCE = { groups: PRODUCTS, codes: 3, seats: 3, messages: 1, task: /^Dealseat: 3 seats delivered$/ };
const AMENDED: Readonly<Record<Amendment, Expected>> = {
  topUp: {
    groups: PRODUCTS + 1,
    codes: 4,
    seats: 4,
    messages: 2,
    // The seat is not new any more to a run that goes on after a person's retry.
    task: /^Dealseat: 4 seats delivered( \(1 of them new\))?$/,
  },
  withdrawal: { ...ONCE, seats: 2, task: /^Dealseat: 1 withdrawn code must be expired$/ },
};

/** What every delivery is, whatever went wrong on the way. */
export function checkDelivered(sandbox: Sandbox, { crm, scenario, deal, warnings }: Delivery): void {
  const seen = crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
  const { groups } = sandbox.ti.state;
  const codes = codesMade(sandbox);
  const expected: Expected = isAmendment(scenario) ? AMENDED[scenario] : ONCE;
  // Exactly one group for each product, with the codes that were sold.
  expect(groups).toHaveLength(expected.groups);
  expect(new Set(groups.map(({ label }) => label)).size).toBe(expected.groups);
  expect(codes).toHaveLength(expected.codes);
  // Each code stands in one place: in the one roster or with one learner.
  expect(seen.rosters).toHaveLength(1);
  const handedOut = [...(seen.rosters[0] ?? []), ...linkedCodes(sandbox, crm)].sort();
  expect(handedOut).toEqual(codes.filter((code) => handedOut.includes(code)));
  expect(handedOut).toHaveLength(expected.seats);
  expect(storedRosters(sandbox, crm, deal)).toBe(1);
  const everyone = recipients(crm, scenario);
  const expectedMails = Array.from({ length: expected.messages }, () => everyone).flat();
  expect([...reached(sandbox, scenario, seen.mailedTo)].sort()).toEqual(expectedMails.sort());
  // The deal says what is true.
  expect(seen.fields).toMatchObject({ status: 'Delivered', seats: String(expected.seats), run: deal.id });
  expect(seen.fields.group_id?.split(', ').sort()).toEqual(groups.map(({ id }) => id).sort());
  expect(seen.fields.claim).toMatch(/^done /);
  expect(JSON.parse(seen.fields.ledger ?? '')).not.toHaveProperty('pending');
  // The owner is told once, in HubSpot by the note of the roster if nobody was asked, and nothing that is over stands on
  // the deal. A task that is refused takes nothing back from
  // the customer, and the run says so; but no withdrawal ends without the task for the admin.
  const told = seen.tasks.filter((subject) => expected.task.test(subject));
  expect(told.length).toBeLessThanOrEqual(1);
  const isToldByNote = crm === 'hubspot' && !isAmendment(scenario);
  if (scenario === 'withdrawal' || (!isToldByNote && !isUntold(warnings))) expect(told).toHaveLength(1);
  if (!isUntold(warnings)) expect(ourOpenTasks(seen)).toEqual(told);
  expect(new Set(seen.taskTexts).size).toBe(seen.taskTexts.length);
}

/** What every cancelled deal is; an undo that failed for good is told on the deal instead. */
export function checkUndone(
  sandbox: Sandbox,
  { crm, deal, warnings, undoFailed }: Omit<Delivery, 'scenario'> & { readonly undoFailed: boolean },
): void {
  const seen = crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
  expect(seen.mailedTo).toEqual([]);
  expect(seen.fields.status).toBe('Cancelled');
  expect(sandbox.ti.state.groups).toHaveLength(PRODUCTS);
  const failed = seen.fields.detail?.split('\n').filter((line) => line.includes('could not')) ?? [];
  const missed = failed.filter((line) => line.includes('unused codes')).length;
  const asked = sandbox.ti.state.groups.map(
    ({ label }) => seen.taskTexts.filter((text) => text.includes(label)).length,
  );
  expect(Math.max(...asked)).toBeLessThanOrEqual(1);
  expect(asked.filter((times) => times === 0)).toHaveLength(missed);
  expect(failed.length > 0).toBe(undoFailed);
  expect(JSON.parse(seen.fields.ledger ?? '')).toMatchObject({ stopped: { by: 'matrix' } });
  if (undoFailed) return;
  if (!isUntold(warnings)) expect(new Set(ourOpenTasks(seen))).toEqual(new Set([UNUSED_TASK]));
  expect(seen.rosters).toEqual([]);
  expect(storedRosters(sandbox, crm, deal)).toBe(0);
  expect(linkedCodes(sandbox, crm)).toEqual([]);
}

const UNUSED_TASK = 'Dealseat: unused code group, please expire';

/** Less those of salespeople. */
function ourOpenTasks({ openTasks }: Evidence): string[] {
  return openTasks.filter((subject) => subject.startsWith('Dealseat'));
}

export function isUntold(warnings: readonly string[]): boolean {
  return warnings.some((warning) => warning.startsWith('Dealseat could not update the tasks of the deal'));
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

/** Files of ours that exist at all, also those that hang on nothing; a roster and its workbook count as one. */
function storedRosters({ hubspot, salesforce }: Sandbox, crm: CrmName, { dealId }: StartedDeal): number {
  const isWorkbook =
    crm === 'hubspot'
      ? hubspot.state.files
          .list()
          .filter(({ folderPath, name }) => folderPath === '/dealseat/rosters' && isRoster(name))
          .map(({ extension }) => extension === 'xlsx')
      : salesforce.state
          .files(dealId)
          .filter(({ fileName }) => isRoster(fileName))
          .map(({ fileName }) => fileName.endsWith('.xlsx'));
  const workbooks = isWorkbook.filter((is) => is).length;
  return Math.max(workbooks, isWorkbook.length - workbooks);
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
    case 'withdrawal':
      // Salesforce's own flow writes to learners, by the link on their contact.
      return crm === 'hubspot' ? [buyer, learner].sort() : [buyer];
    default:
      return [buyer];
  }
}
