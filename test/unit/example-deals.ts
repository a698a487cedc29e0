import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { SALESFORCE } from '../../src/clients/salesforce/module.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import { createSealer, parseSecretKeys } from '../../src/config/secret-keys.ts';
import { DEFAULT_POLICY } from '../../src/contracts/policy.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { CrmFacts } from '../../src/domain/deal/crm-facts.ts';
import type {
  CrmName,
  Deal,
  DealContact,
  DealRef,
  LineItem,
  WrittenFields,
} from '../../src/domain/deal/deal.ts';
import { activeSeats, formatLedger, type Ledger, type Sealer } from '../../src/domain/deal/ledger.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { type Comparison, compare } from '../../src/domain/planning/compare.ts';
import { type Facts, NO_FACTS } from '../../src/domain/planning/facts.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import type { Plan, PlannedGroup, Withdrawal } from '../../src/domain/planning/plan.ts';
import { plan } from '../../src/domain/planning/read.ts';
import type { Fewer, More, Reading } from '../../src/domain/planning/reading.ts';
import type { PlanRules } from '../../src/domain/planning/rules.ts';
import type { CodeGroup, EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import type { RosterReceipt } from '../../src/domain/seats/roster.ts';
import type { SeatedGroup } from '../../src/domain/seats/seat.ts';

const TODAY = '2026-11-20';
const LEARNER_URL = 'https://learn.vendor.example';
export const EXAMPLE_YAML = readFileSync(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');
export const EXAMPLE = parseCatalog(EXAMPLE_YAML, { learnerUrl: LEARNER_URL });
/** The example, with one code for each learner of the deal. */
export const FOR_LEARNERS: Catalog = {
  ...EXAMPLE,
  handOver: { ...EXAMPLE.handOver, to: 'learners', leftOver: 'buyer' },
};

/** E-mail tools as the `handOver` of a catalog names them. */
export const TOOLS = {
  singleSend: '{ via: singleSend, emailId: 1234567 }',
  sequence: '{ via: sequence, sequenceId: "3001", userId: "1", senderEmail: a@vendor.example }',
  list: '{ via: list, listId: "2001" }',
  none: '{ via: none }',
} as const;

/** The example with these tools. */
export function mailingBy(
  { hubspot = TOOLS.singleSend, salesforce = '{ via: emailSimple }' }: Readonly<Record<string, string>>,
  to: 'buyer' | 'learners' = 'buyer',
): Catalog {
  const yaml = EXAMPLE_YAML.replace(/^ {2}hubspot: .*$/m, `  hubspot: ${hubspot}`)
    .replace(/^ {2}salesforce: .*$/m, `  salesforce: ${salesforce}`)
    .replace(/^ {2}to: .*$/m, to === 'buyer' ? '  to: buyer' : '  to: learners\n  leftOver: buyer');
  return parseCatalog(yaml, { learnerUrl: LEARNER_URL });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** With a key that is no secret; the byte makes it another one. */
export function sealerOf(byte: number, ...older: readonly number[]): Sealer {
  const pairs = [byte, ...older].map((each) => `key-${each}:${Buffer.alloc(32, each).toString('base64')}`);
  return createSealer(parseSecretKeys(pairs.join(',')) ?? []);
}

export const SEALER = sealerOf(7);

const CRM_FACTS: Readonly<Record<CrmName, CrmFacts>> = {
  hubspot: HUBSPOT.facts,
  salesforce: SALESFORCE.facts,
};

export function rulesFor({ crm }: Pick<DealRef, 'crm'>, changes: Partial<PlanRules> = {}): PlanRules {
  const facts = CRM_FACTS[crm];
  if (facts === undefined) throw new Error(`no facts of CRM ${crm}`);
  return {
    sha256,
    sealer: SEALER,
    today: TODAY,
    crm: facts,
    source: 'event',
    wonSince: null,
    closedLongAgoMs: DEFAULT_POLICY.closedLongAgoMs,
    ...changes,
  };
}

/** What a test says of the world around a deal, where it matters. */
export interface Around extends Partial<PlanRules>, Partial<Facts> {
  readonly inherited?: Ledger['groups'];
}

export function comparisonOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): Comparison {
  const { groups: _, isRosterThere: _there, carriers: _carriers, seats: _seats, ...rest } = around;
  const { inherited = [], ...rules } = rest;
  return compare({ deal, catalog, rules: rulesFor(deal, rules), inherited });
}

export function readingOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): Reading {
  const { groups = NO_FACTS.groups, isRosterThere = NO_FACTS.isRosterThere } = around;
  const { carriers = NO_FACTS.carriers, seats } = around;
  const facts = { groups, isRosterThere, carriers, ...(seats === undefined ? {} : { seats }) };
  return plan(comparisonOf(deal, catalog, around), facts);
}

/** The reading of a deal that gets seats. */
export function moreOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): More {
  const reading = readingOf(deal, catalog, around);
  if (reading.kind !== 'more') throw new Error(`expected a plan, found ${JSON.stringify(reading)}`);
  return reading;
}

export function planOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): Plan {
  return moreOf(deal, catalog, around).plan;
}

/** The reading of a deal that has more seats than it sells. */
export function fewerOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): Fewer {
  const reading = readingOf(deal, catalog, around);
  if (reading.kind !== 'fewer') throw new Error(`expected a withdrawal, found ${JSON.stringify(reading)}`);
  return reading;
}

export function withdrawalOf(deal: Deal, catalog = EXAMPLE, around: Around = {}): Withdrawal {
  return fewerOf(deal, catalog, around).withdrawal;
}

/** What stands for the plan's groups, in its order. */
export function ensuredFor({ groups }: Plan): EnsuredGroup[] {
  return groups.map(({ token, platform, label, seatCount, existing }) => ({
    token,
    platform,
    label,
    seatCount,
    groupId: existing?.groupId ?? `id-of-${token}`,
    wasAdopted: false,
    isListed: true,
    orphans: [],
  }));
}

export function receiptFor({ rosterFileName, seatCount }: Plan): RosterReceipt {
  return { fileId: '1', url: 'u', fileName: rosterFileName, codeCount: seatCount, sha256: 'a' };
}

/** The ledger after a plan was carried out. */
export function carriedOut(done: Plan): Ledger {
  return deliveredLedger(done, ensuredFor(done), receiptFor(done));
}

/** The fields of a deal with this ledger, as a run of the deployment writes them. */
export function writtenBy(ledger: Ledger, ref: DealRef, sealer = SEALER): WrittenFields {
  return {
    ...UNWRITTEN,
    status: 'Delivered',
    seats: activeSeats(ledger),
    ledger: formatLedger(ledger, ref, sealer),
  };
}

/** The groups of a ledger as the platform has them. */
export function platformGroups(
  { groups }: Ledger,
  redeemed: readonly number[] = [],
): ReadonlyMap<string, CodeGroup> {
  return new Map(
    groups.map(({ group, issued, token }, index) => [
      group,
      {
        id: group,
        label: `label-${token}`,
        seatCount: issued,
        client: null,
        codesExpireAt: null,
        accessDays: 365,
        accessUntil: null,
        grants: { courses: [], learningPaths: [], bundles: [], licenses: [] },
        redeemedCount: redeemed[index] ?? 0,
      },
    ]),
  );
}

/** The group of the example deal, or one like it. */
export function plannedGroup(changes: Partial<PlannedGroup> = {}): PlannedGroup {
  const [planned] = planOf(deal()).groups;
  if (planned === undefined) throw new Error('the example deal plans no group');
  return { ...planned, ...changes };
}

/** A group with seats of these codes, which nobody holds. */
export function seated(group: PlannedGroup, codes: readonly string[]): SeatedGroup {
  const seats = codes.map((code) => ({
    code,
    template: group.redeemUrl,
    isRedeemed: false,
    holders: [],
    isWithdrawn: false,
    decided: null,
  }));
  return { group, seats };
}

/** The stage history of a deal that was won then; null: its CRM keeps none. */
export function wonAt(since: string | null): Pick<Deal, 'stageHistory'> {
  return { stageHistory: since === null ? [] : [{ isWon: true, since }] };
}

export function line(sku: string | null, quantity: number | null, changes: Partial<LineItem> = {}): LineItem {
  return { id: '1', name: `Line ${sku}`, quantity, sku, productId: null, ...changes };
}

export function contact(id: string, changes: Partial<DealContact> = {}): DealContact {
  return {
    id,
    email: `contact-${id}@acme.example`,
    firstName: 'Contact',
    lastName: id,
    roles: [],
    isPrimary: false,
    formerIds: [],
    ...changes,
  };
}

export const BUYER = contact('6001', { roles: ['Buyer', 'Economic Buyer'] });
export const LEARNERS = [contact('6002', { roles: ['Learner'] }), contact('6003', { roles: ['Learner'] })];

export function deal(changes: Partial<Deal> = {}): Deal {
  return {
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    name: 'Acme leadership rollout',
    url: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
    print: 'print-1',
    isWon: true,
    ...wonAt('2026-11-20T09:00:00.000Z'),
    stage: 'Closed won',
    closeDate: TODAY,
    owner: { id: '8001', email: 'sam.ops@vendor.example' },
    company: { id: '5001', name: 'Acme Corp', domain: 'acme.example' },
    unseenCompany: null,
    lineItems: [line('LEAD-101', 25)],
    contacts: [BUYER, ...LEARNERS],
    unseenContacts: [],
    mergedDealIds: [],
    written: UNWRITTEN,
    changedAt: '2026-11-20T09:00:05.000Z',
    ...changes,
  };
}

const granting = fc.record({
  id: fc.uuid(),
  name: fc.string({ unit: 'grapheme' }),
  quantity: fc.integer({ min: 3, max: 9_000 }),
  sku: fc.constantFrom('LEAD-101', 'NEGO-201', 'TRACK-MGR'),
  productId: fc.constant(null),
});

const bystanders = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 7_000, max: 7_999 }).map(String),
    email: fc.option(fc.emailAddress()),
    firstName: fc.option(fc.string({ unit: 'grapheme' })),
    lastName: fc.option(fc.string({ unit: 'grapheme' })),
    roles: fc.subarray(['Assistant', 'Sponsor']),
    isPrimary: fc.constant(false),
    formerIds: fc.constant([]),
  }),
  { selector: ({ id }) => id, maxLength: 5 },
);

/** Deals that can be provisioned as they are, with names and companies in any script. */
export const wonDeals: fc.Arbitrary<Deal> = fc
  .record({
    crm: fc.constantFrom('hubspot' as const, 'salesforce' as const),
    dealId: fc.integer({ min: 1, max: 99_999 }).map(String),
    name: fc.string({ unit: 'grapheme', minLength: 1 }),
    companyName: fc.option(fc.string({ unit: 'grapheme' })),
    lineItems: fc.array(granting, { minLength: 1, maxLength: 6 }),
    contacts: bystanders,
  })
  .map(({ companyName, contacts, ...rest }) =>
    deal({
      ...rest,
      company: companyName === null ? null : { id: '1', name: companyName, domain: null },
      contacts: [...contacts, BUYER, ...LEARNERS],
    }),
  );
