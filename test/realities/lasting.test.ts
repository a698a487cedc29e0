import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { BOSS, delivered, setQuantity, toLearners, untilAsked } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import {
  HUBSPOT_DEAL,
  SALESFORCE_DEAL,
  type SandboxTenant,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';

const rig = openRig();

const HELP = 'Dealseat needs your help with this deal';
const TOO_LONG_MS = 3_600_000;
/** Longer than a step repeats what may pass, and short enough for a test. */
const LOOKING = { policy: { lookAgainMs: 500 } };
const endingAfter = (attentionDeadlineMs: number) => ({ policy: { lookAgainMs: 300, attentionDeadlineMs } });

type Answer = Omit<Fault, 'kind' | 'times'>;

/** Until `faults.clear()`. */
function lasts({ sandbox }: SandboxTenant, ...answers: readonly Answer[]): void {
  for (const answer of answers) {
    sandbox.faults.add({ kind: 'status', times: Number.POSITIVE_INFINITY, ...answer });
  }
}

/** As an event tells of it: nobody waits for the answer. */
async function toldOf(tenant: SandboxTenant, crm: 'hubspot' | 'salesforce'): Promise<StartedDeal> {
  const { hubspot, salesforce } = tenant.sandbox;
  const dealId =
    crm === 'hubspot'
      ? hubspot.state.createDeal(HUBSPOT_DEAL)
      : salesforce.state.createOpportunity(SALESFORCE_DEAL);
  return { dealId, id: await tenant.report(tenant.ref(crm, dealId)) };
}

/** The owner is asked, the fault ends, a person retries, and everything is there once. */
async function askedThenDelivered(
  tenant: SandboxTenant,
  crm: 'hubspot' | 'salesforce',
  code: string,
): Promise<string> {
  const { sandbox } = tenant;
  const evidenceOf = crm === 'hubspot' ? hubspotEvidence : salesforceEvidence;
  const deal = await toldOf(tenant, crm);
  const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
  expect(problems.map((found) => found.code)).toEqual([code]);
  await tenant.waitForEvidence(() => {
    const { fields, openTasks } = evidenceOf(sandbox, deal);
    return fields.status === 'NeedsAttention' || openTasks.includes(HELP);
  });
  sandbox.faults.clear();
  await tenant.answer(deal.id, 'retry');
  expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
  expect(codesMade(sandbox)).toHaveLength(3);
  expect(evidenceOf(sandbox, deal).openTasks).not.toContain(HELP);
  return problems.map(({ message }) => message).join('\n');
}

const locked = { statusCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access', fields: [] };
const lockedInTrigger = {
  statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  message:
    'Rollup: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access',
  fields: [],
};
const createFile = { system: 'salesforce', method: 'POST', path: /\/sobjects\/ContentVersion/ } as const;
const notMade = (error: object) => ({ status: 201, body: { id: null, success: false, errors: [error] } });
const updateContacts = { system: 'salesforce', method: 'PATCH', path: /\/composite\/sobjects/ } as const;
/** For the two learners of a deal, in its order. */
const notWritten = (error: object) => ({ status: 200, body: [{ success: false, errors: [error] }] });
const editDeal = { system: 'salesforce', method: 'PATCH', path: /\/sobjects\/Opportunity\// } as const;

describe('A fault that does not pass', () => {
  test.concurrent('Salesforce answers 201 to the new roster, says in it that the record is locked, and goes on so -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      lasts(tenant, { ...createFile, ...notMade(locked) });
      await askedThenDelivered(tenant, 'salesforce', 'crm.conflict');
    }));

  test.concurrent('Salesforce answers 201 to the new roster, says in it that a trigger met a lock, and goes on so -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      lasts(tenant, { ...createFile, ...notMade(lockedInTrigger) });
      await askedThenDelivered(tenant, 'salesforce', 'crm.invalid_request');
    }));

  test.concurrent('Salesforce answers 201 to the new roster and refuses it by a rule of the org -> the owner is asked at once', () =>
    rig.withSandbox({ policy: { passingMs: TOO_LONG_MS } }, async (tenant) => {
      const refusal = {
        statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: 'No files here.',
        fields: [],
      };
      lasts(tenant, { ...createFile, ...notMade(refusal) });
      expect(await askedThenDelivered(tenant, 'salesforce', 'crm.invalid_request')).toContain(
        'No files here.',
      );
    }));

  test.concurrent('Salesforce answers 200 to the links of learners, says in it that a record is locked, and goes on so -> the owner is asked', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      lasts(tenant, { ...updateContacts, ...notWritten(locked) });
      await askedThenDelivered(tenant, 'salesforce', 'crm.conflict');
    }));

  test.concurrent('Salesforce answers 200 to the links of learners, says in it that a trigger met a lock, and goes on so -> the owner is asked', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      lasts(tenant, { ...updateContacts, ...notWritten(lockedInTrigger) });
      await askedThenDelivered(tenant, 'salesforce', 'crm.invalid_request');
    }));

  test.concurrent('Salesforce stops every edit of the deal for taking too long, while its queries work -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      const body = [{ errorCode: 'REQUEST_RUNNING_TOO_LONG', message: 'stopped', fields: [] }];
      lasts(tenant, { ...editDeal, status: 400, body });
      await askedThenDelivered(tenant, 'salesforce', 'crm.unavailable');
    }));

  test.concurrent('Salesforce refuses the session for edits alone, while its queries work -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      const body = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }];
      lasts(tenant, { ...editDeal, status: 401, body });
      await askedThenDelivered(tenant, 'salesforce', 'crm.unauthorized');
    }));

  test.concurrent('HubSpot refuses the token for edits alone, while it shows the deal -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      const body = { status: 'error', category: 'INVALID_AUTHENTICATION', message: 'the token is not valid' };
      lasts(tenant, { system: 'hubspot', method: 'PATCH', path: /objects\/(0-3|deals)/, status: 401, body });
      await askedThenDelivered(tenant, 'hubspot', 'crm.unauthorized');
    }));

  test.concurrent('the learning platform refuses the key for new groups alone, while it finds groups -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      const create = { system: 'ti', method: 'POST', path: /redemptionCodes$/ } as const;
      lasts(tenant, { ...create, status: 401, body: '' });
      await askedThenDelivered(tenant, 'hubspot', 'lms.unauthorized');
    }));

  test.concurrent('HubSpot calls the deal locked for longer than that -> the owner is asked', () =>
    rig.withSandbox(async (tenant) => {
      const body = { status: 'error', category: 'CONFLICT', message: 'The record is locked' };
      const edit = { system: 'hubspot', method: 'PATCH', path: /objects\/(0-3|deals)/ } as const;
      lasts(tenant, { ...edit, status: 409, body });
      await askedThenDelivered(tenant, 'hubspot', 'crm.conflict');
    }));

  test.concurrent('HubSpot writes the links of some learners and calls others locked, for longer than that -> the owner is asked, and the contact named', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      lasts(tenant, batchOf('CONFLICT'));
      expect(await askedThenDelivered(tenant, 'hubspot', 'crm.conflict')).toContain('6002');
    }));

  test.concurrent('HubSpot may not write the link of one learner -> the owner is asked at once for the right', () =>
    rig.withSandbox({ catalog: toLearners, policy: { passingMs: TOO_LONG_MS } }, async (tenant) => {
      lasts(tenant, batchOf('MISSING_SCOPES'));
      await askedThenDelivered(tenant, 'hubspot', 'crm.forbidden');
    }));

  test.concurrent('HubSpot refuses the link of one learner by a category that no one has seen, and goes on so -> the owner is asked, and the category named', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      lasts(tenant, batchOf('NEVER_SEEN'));
      expect(await askedThenDelivered(tenant, 'hubspot', 'crm.invalid_request')).toContain('NEVER_SEEN');
    }));

  test.concurrent('the learning platform is down for longer than that -> no one is asked, because an outage ends by itself', () =>
    rig.withSandbox(async (tenant) => {
      lasts(tenant, { system: 'ti', status: 503 });
      const deal = await toldOf(tenant, 'hubspot');
      await tenant.waitForEvidence(() => tenant.sandbox.faults.hits.length > 8);
      tenant.sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).tasks).not.toContain(HELP);
    }));
});

function batchOf(category: string): Answer {
  const now = '2026-11-20T09:00:00.000Z';
  const errors = [{ status: 'error', category, message: 'not written', context: { ids: ['6002'] } }];
  return {
    system: 'hubspot',
    path: /contacts\/batch\/update$/,
    status: 207,
    body: { status: 'COMPLETE', results: [], numErrors: 1, errors, startedAt: now, completedAt: now },
  };
}

describe('A rule or a right that is mended without a word', () => {
  test.concurrent('a validation rule that forbade edits of won opportunities is taken away -> the deal goes on within the hour', () =>
    rig.withSandbox(LOOKING, async (tenant) => {
      const { sandbox } = tenant;
      const body = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Won is won.', fields: [] }];
      lasts(tenant, { ...editDeal, status: 400, body });
      const deal = await toldOf(tenant, 'salesforce');
      await tenant.waitForEvidence(() => salesforceEvidence(sandbox, deal).openTasks.includes(HELP));
      const hits = sandbox.faults.hits.length;
      await tenant.waitForEvidence(() => sandbox.faults.hits.length > hits + 4);
      sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      const { tasks, openTasks } = salesforceEvidence(sandbox, deal);
      expect(tasks.filter((subject) => subject === HELP)).toHaveLength(1);
      expect(openTasks).not.toContain(HELP);
    }));

  test.concurrent('the HubSpot app is given its missing scope -> the deal goes on within the hour', () =>
    rig.withSandbox(LOOKING, async (tenant) => {
      const { sandbox } = tenant;
      const body = { status: 'error', category: 'MISSING_SCOPES', message: 'scopes' };
      lasts(tenant, { system: 'hubspot', method: 'POST', path: /files\/v3\/files$/, status: 403, body });
      const deal = await toldOf(tenant, 'hubspot');
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => hubspotEvidence(sandbox, deal).openTasks.includes(HELP));
      sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(codesMade(sandbox)).toHaveLength(3);
    }));

  test.concurrent('it is never mended -> the run tries every hour, asks once, and ends at its deadline', async () => {
    // The slower the machine, the longer a deadline leaves time for three tries.
    let tries = 0;
    let askedFor: readonly string[] = [];
    for (let deadlineMs = 4_000; tries < 3 && deadlineMs < 300_000; deadlineMs *= 4) {
      await rig.withSandbox(endingAfter(deadlineMs), async (tenant) => {
        const { sandbox } = tenant;
        const body = { status: 'error', category: 'MISSING_SCOPES', message: 'scopes' };
        lasts(tenant, { system: 'hubspot', method: 'POST', path: /files\/v3\/files$/, status: 403, body });
        const deal = await toldOf(tenant, 'hubspot');
        expect((await tenant.failureOf(deal.id)).code).toBe('run.attention_expired');
        tries = sandbox.faults.hits.length;
        askedFor = hubspotEvidence(sandbox, deal).tasks.filter((subject) => subject === HELP);
      });
    }
    expect(tries).toBeGreaterThan(2);
    expect(askedFor).toHaveLength(1);
  });

  test.concurrent('the step that is tried again writes on the deal before it is refused -> the deal says again what it needs, and the owner has one task', () =>
    rig.withSandbox(LOOKING, async (tenant) => {
      const { sandbox } = tenant;
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 2);
      const { question } = await untilAsked(tenant, deal);
      const body = { status: 'error', category: 'MISSING_SCOPES', message: 'scopes' };
      lasts(tenant, { system: 'hubspot', method: 'POST', path: /files\/v3\/files$/, status: 403, body });
      await tenant.console.withdraw(deal.id, { ...BOSS, question: question?.id ?? '' });
      await tenant.waitForEvidence(() => sandbox.faults.hits.length > 2);
      await tenant.waitForEvidence(() => hubspotEvidence(sandbox, deal).fields.status === 'NeedsAttention');
      expect(hubspotEvidence(sandbox, deal).tasks.filter((subject) => subject === HELP)).toHaveLength(1);
      sandbox.faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 2 });
      expect(hubspotEvidence(sandbox, deal).openTasks).not.toContain(HELP);
    }));
});
