import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { until } from '../support/until.ts';
import { type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf } from './salesforce-stub.ts';

const edits = { system: 'salesforce', method: 'PATCH', path: /\/sobjects\/Opportunity\// } as const;
/** The question that follows the look. */
const histories = { system: 'salesforce', method: 'GET', path: /\/query$/, after: 1 } as const;
const refusal = (errorCode: string, message = 'no') =>
  ({ kind: 'status', status: 400, body: [{ errorCode, message, fields: [] }] }) as const;

let org: SandboxOrg;
beforeEach(async () => {
  org = await startSandboxOrg();
});
afterEach(() => org.close());

const holdOf = (
  deployment: string,
  { at = '2026-11-21T09:00:00.000Z', isDone = false, run = 'run-1' } = {},
) => formatHold({ deployment, run, at, isDone });

const OURS = holdOf('default/ours');
const THEIRS = holdOf('default/theirs');
const DONE = holdOf('default/earlier', { isDone: true });

const field = () => org.state.opportunity(DEAL_ID).Dealseat_Claim__c ?? null;
const write = (text: string | null) => org.state.updateOpportunity(DEAL_ID, { Dealseat_Claim__c: text });

function take({ seen = null, hold = OURS }: { seen?: string | null; hold?: string } = {}) {
  return org.crm.takeHold({ dealId: DEAL_ID, seen, hold, fields: { status: 'Provisioning' } });
}

/** Others write in the moment between our look and our write. */
async function takeWhile(others: () => void, claim: { seen?: string | null } = {}) {
  const { promise, resolve } = Promise.withResolvers<void>();
  org.faults.add({ ...edits, kind: 'delay', until: promise });
  const taking = take(claim);
  await until('our write is about to be made', () => org.faults.hits.length === 1);
  others();
  resolve();
  return await taking;
}

describe('a hold on a Salesforce opportunity', () => {
  test.each([
    ['a field that was empty', null],
    ['a hold that was there when the deal was read', DONE],
    ['what a person typed into the field', 'please leave alone'],
  ])('is ours at once over %s, with one call', async (_, seen) => {
    write(seen);
    expect(await take({ seen })).toBe('first');
    expect([field(), org.state.apiCalls]).toEqual([OURS, 1]);
  });

  test.each([null, DONE])('over %j is late after one that came between, which stands again', async (seen) => {
    write(seen);
    expect(await takeWhile(() => write(THEIRS), { seen })).toBe('late');
    expect(field()).toBe(THEIRS);
  });

  test('is late after somebody who is done by now, whose last word stands again', async () => {
    const done = holdOf('default/theirs', { isDone: true, at: '2026-11-21T09:01:00.000Z' });
    const outcome = takeWhile(() => {
      write(THEIRS);
      write(done);
    });
    expect(await outcome).toBe('late');
    expect(field()).toBe(done);
  });

  test('that is late leaves alone what was written over it', async () => {
    const third = holdOf('default/third');
    const { promise, resolve } = Promise.withResolvers<void>();
    org.faults.add({ ...histories, kind: 'delay', until: promise });
    const taking = takeWhile(() => write(THEIRS));
    await until('our history is about to be read', () => org.faults.hits.length === 2);
    write(third);
    resolve();
    expect(await taking).toBe('late');
    expect(field()).toBe(third);
  });

  test('is ours though a person typed something into the field in that moment, or emptied it', async () => {
    const outcome = takeWhile(() => {
      write('please leave alone');
      write(null);
      write('really');
    });
    expect(await outcome).toBe('first');
    expect(field()).toBe(OURS);
  });

  test('is told by the links of the changes, in whatever order those of one second come', async () => {
    const records = [
      { OldValue: null, NewValue: THEIRS },
      { OldValue: THEIRS, NewValue: OURS },
    ];
    org.faults.add({ ...histories, kind: 'status', status: 200, body: { done: true, records } });
    expect(await take()).toBe('late');
    expect(field()).toBe(THEIRS);
  });

  test.each([
    ['QUERY_TIMEOUT', refusal('QUERY_TIMEOUT')],
    ['503', { kind: 'status', status: 503, body: [] } as const],
  ])('is told by a second question where the first one fails for a moment (%s)', async (_, fault) => {
    org.faults.add({ ...histories, ...fault });
    expect(await takeWhile(() => write(THEIRS))).toBe('late');
    expect(field()).toBe(THEIRS);
  });

  test('fails with the write, whatever the history says', async () => {
    org.faults.add({ ...edits, ...refusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Set a region first.') });
    org.faults.add({ ...histories, ...refusal('QUERY_TIMEOUT') });
    const failure = await failureOf(take());
    expect(failure.code).toBe('crm.invalid_request');
    expect(failure.message).toContain('Set a region first.');
  });

  test('that could not be put back says so', async () => {
    org.faults.add({ ...edits, ...refusal('UNABLE_TO_LOCK_ROW'), after: 1 });
    expect((await failureOf(takeWhile(() => write(THEIRS)))).code).toBe('crm.conflict');
  });
});

describe('a hold on a Salesforce opportunity that an attempt before has written', () => {
  const prove = (seen: string | null = null) => org.crm.proveHold({ dealId: DEAL_ID, seen, hold: OURS });

  test('is proven by one call, which writes nothing', async () => {
    write(OURS);
    expect(await prove()).toBe('first');
    expect(org.state.apiCalls).toBe(1);
    expect(org.state.rows('OpportunityFieldHistory')).toHaveLength(1);
  });

  test('is late after another one, which stands again', async () => {
    write(THEIRS);
    write(OURS);
    expect(await prove()).toBe('late');
    expect(field()).toBe(THEIRS);
  });

  test('is not proven where there is no history of it', async () => {
    write(OURS);
    expect(await prove(DONE)).toBe('unproven');
    org.state.settings.trackedFields.clear();
    expect(await prove()).toBe('unproven');
    expect(field()).toBe(OURS);
  });
});

describe('a hold on a Salesforce opportunity is written, and left to be proven by a pause', () => {
  test.each([
    ['the org keeps no history of opportunities', []],
    ['no history tracking is set on for the field', ['Opportunity.StageName']],
  ])('where %s', async (_, trackedFields) => {
    await org.close();
    org = await startSandboxOrg({ trackedFields });
    expect(await take()).toBe('unproven');
    expect([field(), org.state.apiCalls]).toEqual([OURS, 1]);
  });

  const rows = (...records: readonly object[]) =>
    ({ kind: 'status', status: 200, body: { done: true, records } }) as const;

  test.each<[string, object]>([
    ['is refused to the integration user', refusal('INSUFFICIENT_ACCESS')],
    ['takes too long', refusal('QUERY_TIMEOUT')],
    ['fails in a way that passes', { kind: 'status', status: 503, body: [] }],
    ['is answered with something else', rows({ OldValue: 1, NewValue: true })],
    ['does not show our own change', rows({ OldValue: null, NewValue: THEIRS })],
    [
      'does not reach back to what was seen',
      rows({ OldValue: THEIRS, NewValue: OURS }, { OldValue: DONE, NewValue: holdOf('default/third') }),
    ],
    ['tells that a text changed, and not which', rows({ OldValue: null, NewValue: null })],
    [
      'goes round in a circle',
      rows({ OldValue: THEIRS, NewValue: OURS }, { OldValue: OURS, NewValue: THEIRS }),
    ],
  ])('where the history %s', async (_, fault) => {
    org.faults.add({ ...histories, kind: 'status', ...fault, times: 2 });
    expect(await take()).toBe('unproven');
    expect(field()).toBe(OURS);
  });

  test('where tracking was set on after somebody had already written', async () => {
    await org.close();
    org = await startSandboxOrg({ trackedFields: ['Opportunity.StageName'] });
    const outcome = takeWhile(() => {
      write(THEIRS);
      org.state.settings.trackedFields.add('Opportunity.Dealseat_Claim__c');
    });
    expect(await outcome).toBe('unproven');
  });
});
