import { expect } from '@jest/globals';
import { type AskedQuestion, FINAL_STATUSES, type Progress } from '../../src/contracts/run.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import type { QuestionKind } from '../../src/domain/planning/question.ts';
import { handingOver, SEQUENCE, toLearners } from '../support/delivered-deals.ts';
import { codesMade, type Evidence, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import type { History } from '../support/replay.ts';
import type { Rig } from '../support/rig.ts';
import {
  HUBSPOT_DEAL,
  SALESFORCE_DEAL,
  type SandboxTenant,
  type SandboxTenantOptions,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';
import { until } from '../support/until.ts';
import { endDisturbance } from './disturbances.ts';
import { checkDelivered, checkNoCodes, checkUndone, isUntold } from './invariants.ts';
import { type Cell, isAmendment, type Scenario } from './matrix.ts';
import { hasPassed, type Outcome, strikesOf } from './outcome.ts';

/** Wide, because the machine does other work: what is tested is what happens, not how fast. */
const DEADLINE_MS = 150_000;
export const WIDE_BOUNDS = {
  attemptMs: 60_000,
  rosterAttemptMs: 60_000,
  readTotalMs: 150_000,
  writeTotalMs: 150_000,
  undoTotalMs: 150_000,
  pollDeadlineMs: 150_000,
  attentionDeadlineMs: 600_000,
};
/** Longer than a few answers take on any machine; or short, for what stays until then. */
const PASSING_MS = { soon: 60_000, 'once heard of': 1_000 };
const MAX_HELP = 4;

const toList = handingOver({ hubspot: { via: 'list', listId: '2001' } });
const CATALOGS: Readonly<Partial<Record<Scenario, (example: Catalog) => Catalog>>> = {
  learners: toLearners,
  // What learners carry is compared with what is in the roster.
  withdrawal: toLearners,
  sequence: handingOver({ hubspot: SEQUENCE }),
  list: toList,
  listInDoubt: toList,
};

function optionsOf({ scenario, disturbance }: Cell): SandboxTenantOptions {
  return {
    policy: { ...WIDE_BOUNDS, passingMs: PASSING_MS[disturbance?.passes ?? 'soon'] },
    callTimeoutMs: disturbance?.name === 'stalled body' ? 4_000 : 15_000,
    catalog: (example) => CATALOGS[scenario]?.(example) ?? example,
    ...(scenario === 'manyPages' ? { salesforce: { pageSize: 1 } } : {}),
  };
}

/** One deal, from its start to its end, with the cell's disturbance in between; all invariants checked. */
export async function runDeal(rig: Rig, cell: Cell): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await rig.withSandbox(optionsOf(cell), async (tenant) => {
    outcome = await runOf(cell.scenario)(tenant, cell);
  });
  if (outcome === undefined) throw new Error('The run was not made');
  return outcome;
}

function runOf(scenario: Scenario): (tenant: SandboxTenant, cell: Cell) => Promise<Outcome> {
  if (isAmendment(scenario)) return amendAmid;
  return scenario === 'undo' ? undo : deliverAmid;
}

async function deliverAmid(tenant: SandboxTenant, cell: Cell): Promise<Outcome> {
  const { sandbox } = tenant;
  cell.disturbance?.arm(sandbox, cell.call, cell.after);
  helpIntoDoubt(tenant, cell.scenario);
  const { codes, history, warnings } = await deliver(tenant, cell);
  return outcomeOf(tenant, cell, { codes, history, isLeftUndone: isUntold(warnings) });
}

function outcomeOf(
  { sandbox }: SandboxTenant,
  cell: Cell,
  { history, ...rest }: Pick<Outcome, 'codes' | 'isLeftUndone'> & { readonly history: History },
): Outcome {
  return {
    ...rest,
    exchanges: sandbox.exchanges,
    strikes: strikesOf(sandbox, cell),
    hasPassed: hasPassed(history, cell.scenario),
  };
}

interface Delivered {
  readonly deal: StartedDeal;
  /** Of the failures that a person had to answer. */
  readonly codes: readonly string[];
  readonly history: History;
  readonly warnings: readonly string[];
  /** As `noteAtMails` fills it, later mails included. */
  readonly notedAtMails: readonly (string | undefined)[];
}

type Delivering = Pick<Cell, 'crm' | 'scenario'> & Partial<Pick<Cell, 'call' | 'disturbance'>>;

/** Delivers a deal whatever goes on meanwhile; checks all invariants. */
export async function deliver(
  tenant: SandboxTenant,
  { crm, scenario, ...struck }: Delivering,
  meanwhile: (deal: StartedDeal) => Promise<void> = async () => undefined,
): Promise<Delivered> {
  const { sandbox } = tenant;
  const notedAtMails = noteAtMails(tenant, crm);
  const deal = await start(tenant, { crm });
  const [codes] = await Promise.all([helpUntil(tenant, { crm, deal, ...struck }, isOver), meanwhile(deal)]);
  const result = await tenant.resultOf(deal.id);
  expect(result).toMatchObject({ status: 'Delivered', seatCount: 3 });
  checkDelivered(sandbox, { crm, scenario, deal, warnings: result.warnings });
  // Whatever becomes of a run, the next one knows which codes may be with the customer.
  expect(notedAtMails.every(isPending)).toBe(true);
  const history = await tenant.historyOf(deal.id);
  checkNoCodes(history, codesMade(sandbox));
  return { deal, codes, history, warnings: result.warnings, notedAtMails };
}

/** The ledger on the deal in the moment of each mail; filled as they go out. */
function noteAtMails({ sandbox }: SandboxTenant, crm: CrmName): (string | undefined)[] {
  const { outbox, hubspot, salesforce } = sandbox;
  const noted: (string | undefined)[] = [];
  const add = outbox.add.bind(outbox);
  outbox.add = (mail) => {
    const deals =
      crm === 'hubspot'
        ? hubspot.state.records.list('deals').map(({ properties }) => properties.dealseat_ledger)
        : salesforce.state.rows('Opportunity').map((row) => row.Dealseat_Ledger__c);
    noted.push(deals.map((ledger) => String(ledger ?? '')).find((ledger) => ledger !== ''));
    add(mail);
  };
  return noted;
}

function isPending(ledger: string | undefined): boolean {
  return ledger !== undefined && JSON.parse(ledger).pending === true;
}

/** The deal is delivered in peace; then another number is sold, and the disturbance strikes what is done about it. */
async function amendAmid(tenant: SandboxTenant, cell: Cell): Promise<Outcome> {
  const { sandbox } = tenant;
  const { crm, scenario, call, disturbance, after } = cell;
  const isTopUp = scenario === 'topUp';
  const { deal, notedAtMails } = await deliver(tenant, { crm, scenario: isTopUp ? 'buyer' : 'learners' });
  sellUnits(sandbox, { crm, deal }, isTopUp ? 3 : 1);
  if (isTopUp) disturbance?.arm(sandbox, call, after);
  await tenant.report(tenant.ref(crm, deal.dealId));
  if (!isTopUp) {
    const { question } = await tenant.waitForProgress(
      deal.id,
      (found) => found.question?.kind === 'withdrawal',
      DEADLINE_MS,
    );
    await until('the owner is asked', () => isTold(tenant, { crm, deal }, 'withdrawal'), DEADLINE_MS);
    disturbance?.arm(sandbox, call, after);
    await tenant.console.withdraw(deal.id, { ...MATRIX, question: question?.id ?? '' });
  }
  const codes = await helpUntil(tenant, { crm, deal, call, disturbance }, isOver);
  const result = await tenant.resultOf(deal.id);
  expect(result).toMatchObject({ status: 'Delivered', seatCount: isTopUp ? 4 : 2 });
  checkDelivered(sandbox, { crm, scenario, deal, warnings: result.warnings });
  expect(notedAtMails.every(isPending)).toBe(true);
  const history = await tenant.historyOf(deal.id);
  checkNoCodes(history, codesMade(sandbox));
  return outcomeOf(tenant, cell, { codes, history, isLeftUndone: isUntold(result.warnings) });
}

/** Of the first product. */
function sellUnits(
  { hubspot, salesforce }: SandboxTenant['sandbox'],
  { crm, deal }: Case,
  units: number,
): void {
  if (crm === 'hubspot') {
    const [line] = hubspot.state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
    hubspot.state.edit('line_items', line?.id ?? '', { quantity: units });
    return;
  }
  const rows = salesforce.state.rows('OpportunityLineItem');
  const line = rows.find(({ OpportunityId: id }) => id === deal.dealId);
  salesforce.state.records.update('OpportunityLineItem', String(line?.Id), { Quantity: units });
}

/** The mail is refused, so a person cancels; the disturbance strikes what is undone then. */
async function undo(tenant: SandboxTenant, cell: Cell): Promise<Outcome> {
  const { sandbox } = tenant;
  const { crm, call, disturbance, after } = cell;
  sandbox.faults.add(
    crm === 'hubspot'
      ? { system: 'hubspot', path: /single-email\/send$/, ...REFUSED_MAIL, body: { status: 'error' } }
      : {
          system: 'salesforce',
          method: 'POST',
          path: /emailSimple$/,
          ...REFUSED_MAIL,
          body: [{ errorCode: 'INVALID_EMAIL_ADDRESS', message: 'refused', fields: [] }],
        },
  );
  const deal = await start(tenant, cell);
  await tenant.waitForProgress(
    deal.id,
    ({ problems }) => problems.some(({ code }) => code === 'crm.mail_rejected'),
    DEADLINE_MS,
  );
  await until('the owner is told', () => isTold(tenant, { crm, deal }, 'help'), DEADLINE_MS);
  disturbance?.arm(sandbox, call, after);
  await tenant.console.cancel(deal.id, MATRIX);
  const { undone } = await tenant.waitForProgress(deal.id, isOver, DEADLINE_MS);
  const undoFailed = undone.some(({ outcome }) => outcome === 'failed');
  const result = await tenant.resultOf(deal.id).catch((error: unknown) => {
    if (undoFailed) return null;
    throw error;
  });
  const warnings = result?.warnings ?? [];
  checkUndone(sandbox, { crm, deal, undoFailed, warnings });
  expect((await tenant.undoFailedAttribute(deal.id)) ?? false).toBe(undoFailed);
  const history = await tenant.historyOf(deal.id);
  checkNoCodes(history, codesMade(sandbox));
  return outcomeOf(tenant, cell, { codes: [], history, isLeftUndone: undoFailed || isUntold(warnings) });
}

const REFUSED_MAIL = { kind: 'status', status: 400, times: Number.POSITIVE_INFINITY } as const;
const isOver = ({ status }: Progress) => FINAL_STATUSES.includes(status);

/** Some calls are made only when an earlier one ended in doubt, was refused, or left something out. */
function helpIntoDoubt({ sandbox: { faults } }: SandboxTenant, scenario: Scenario): void {
  if (scenario === 'listInDoubt') {
    const unreadable = { kind: 'status', status: 200, body: 'OK', commit: true } as const;
    faults.add({ system: 'hubspot', method: 'PUT', path: /memberships\/add$/, ...unreadable });
  }
  if (scenario === 'noCodesPath') {
    faults.add({ system: 'ti', path: /\/codes$/, kind: 'status', status: 404, body: {} });
  }
  if (scenario === 'companyAlone') {
    const none = { kind: 'status', status: 200, body: { status: 'COMPLETE', results: [] } } as const;
    faults.add({
      system: 'hubspot',
      path: /companies\/batch\/read$/,
      ...none,
      times: Number.POSITIVE_INFINITY,
    });
  }
}

/** As an event of the CRM tells of the deal: a person who starts one has an answer at once. */
async function start(tenant: SandboxTenant, { crm }: Pick<Cell, 'crm'>): Promise<StartedDeal> {
  if (crm === 'salesforce') {
    const opportunity = tenant.sandbox.salesforce.state.createOpportunity({
      ...SALESFORCE_DEAL,
      lineItems: [
        { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 2 },
        { productCode: 'NEGO-201', name: 'Negotiation Basics', quantity: 1 },
      ],
    });
    return { dealId: opportunity, id: await tenant.report(tenant.ref('salesforce', opportunity)) };
  }
  const { state } = tenant.sandbox.hubspot;
  const dealId = state.createDeal({
    ...HUBSPOT_DEAL,
    lineItems: [
      { name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 2 },
      // Known by its product alone, so the product is read.
      { name: 'Negotiation Basics', sku: null, productId: '7002', quantity: 1 },
    ],
  });
  // What a salesperson wrote: looked at by every search for our own.
  for (const [type, body] of [
    ['notes', 'hs_note_body'],
    ['tasks', 'hs_task_body'],
  ] as const) {
    const id = state.create(type, { hs_timestamp: '2026-11-20T10:00:00Z', [body]: 'Call them back' });
    const deal = { object: 'deals', id: dealId } as const;
    state.associations.link({ object: type, id }, deal, state.associations.plainType(type, 'deals'));
  }
  return { dealId, id: await tenant.report(tenant.ref('hubspot', dealId)) };
}

interface Case {
  readonly crm: CrmName;
  readonly deal: StartedDeal;
}

/** Waits for the end; whenever the run asks for a person, sees that one was told, and answers as that person would. */
async function helpUntil(
  tenant: SandboxTenant,
  { crm, deal, call, disturbance }: Case & Partial<Pick<Cell, 'call' | 'disturbance'>>,
  isOver: (progress: Progress) => boolean,
): Promise<string[]> {
  const codes: string[] = [];
  for (;;) {
    const progress = await tenant.waitForProgress(
      deal.id,
      (found) => isOver(found) || found.question !== null,
      DEADLINE_MS,
    );
    const { question } = progress;
    if (question === null) return codes;
    if (call !== undefined && disturbance?.passes === 'once heard of') endDisturbance(tenant.sandbox, call);
    if (codes.length >= MAX_HELP) throw new Error(`A person was asked too often: ${codes.join(', ')}`);
    codes.push(...progress.problems.map(({ code }) => code));
    await until('the owner is told', () => isTold(tenant, { crm, deal }, question.kind), DEADLINE_MS);
    await answer(tenant, deal, progress, question);
  }
}

/** What was taken away before a step failed is part of a question by then, which a person answers as before. */
async function answer(
  { console, sandbox }: SandboxTenant,
  { id }: StartedDeal,
  { problems }: Progress,
  { id: question, kind }: AskedQuestion,
): Promise<void> {
  if (kind === 'withdrawal') {
    await console.withdraw(id, { ...MATRIX, question });
    return;
  }
  // Who is on the list was handed over to the customer's own workflow, which sends no mail of ours.
  const wasSent = sandbox.outbox.mails.length > 0 || sandbox.hubspot.state.lists.get('2001').members.size > 0;
  const isInDoubt = problems.some(({ code }) => code === 'crm.mail_unknown');
  const found = isInDoubt ? ({ mail: wasSent ? 'was_sent' : 'resend' } as const) : {};
  await console.retry(id, { ...MATRIX, question, ...found });
}

const MATRIX = { by: 'matrix', reason: 'looked after it' };

/** Subjects of the tasks that ask. */
const ASKING: Readonly<Record<QuestionKind, string>> = {
  help: 'Dealseat needs your help with this deal',
  approval: 'Dealseat waits for approval',
  withdrawal: 'Dealseat: more seats were delivered than are sold',
};

/** A task for the owner; in HubSpot a note while the owner is not known. */
function isTold({ sandbox }: SandboxTenant, { crm, deal }: Case, kind: QuestionKind): boolean {
  const { fields, openTasks } = evidenceOf(sandbox, { crm, deal });
  const asked = ASKING[kind];
  const notes = crm === 'hubspot' ? notesOf(sandbox, deal) : [];
  return (
    fields.status === 'NeedsAttention' &&
    (openTasks.includes(asked) || notes.some((text) => text.includes(asked)))
  );
}

function notesOf({ hubspot }: SandboxTenant['sandbox'], { dealId }: StartedDeal): string[] {
  const notes = hubspot.state.engagementsOf('notes', { object: 'deals', id: dealId });
  return notes.map(({ properties }) => properties.hs_note_body ?? '');
}

function evidenceOf(sandbox: SandboxTenant['sandbox'], { crm, deal }: Case): Evidence {
  return crm === 'hubspot' ? hubspotEvidence(sandbox, deal) : salesforceEvidence(sandbox, deal);
}
