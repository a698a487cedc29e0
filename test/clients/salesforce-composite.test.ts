import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  answerOf,
  makeTogether,
  nothing,
  type Part,
  queryPart,
  readsAsReference,
} from '../../src/clients/salesforce/composite.ts';
import { Connection } from '../../src/clients/salesforce/connection.ts';
import { created } from '../../src/clients/salesforce/records.ts';
import { until } from '../support/until.ts';
import { noticeOf, rosterOf, type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf, ORG_ID, startStubOrg } from './salesforce-stub.ts';

const FREE = { dealId: DEAL_ID, seen: null, hold: 'working', fields: { status: 'Provisioning' } };
const edits = { system: 'salesforce', method: 'PATCH', path: /\/sobjects\/Opportunity\// } as const;
const files = { system: 'salesforce', method: 'POST', path: /\/sobjects\/ContentVersion$/ } as const;
const refusal = (errorCode: string, message: string) =>
  ({ kind: 'status', status: 400, body: [{ errorCode, message, fields: [] }] }) as const;

function connectionTo(url: string, apiVersion = '66.0'): Connection {
  return new Connection({
    loginUrl: url,
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
    orgId: ORG_ID,
    apiVersion,
    timeoutMs: 10_000,
  });
}

const task = (Subject: string): Part<{ id: string }> => ({
  call: { name: `add task ${Subject.slice(0, 5)}`, effect: 'create', object: 'Task' },
  method: 'POST',
  path: '/sobjects/Task',
  body: { Subject },
  answer: created,
});
const mark = (values: object): Part<null> => ({
  call: { name: 'mark', effect: 'overwrite', object: 'Opportunity' },
  method: 'PATCH',
  path: `/sobjects/Opportunity/${DEAL_ID}`,
  body: values,
  answer: nothing,
});

let org: SandboxOrg;
beforeEach(async () => {
  org = await startSandboxOrg();
});
afterEach(() => org.close());

const subjects = () => org.state.rows('Task').map(({ Subject }) => Subject);

describe('several calls as one', () => {
  test('are made in their order, each with an answer of its own', async () => {
    const outcomes = await makeTogether(connectionTo(org.url), {
      mark: mark({ Dealseat_Status__c: 'Delivered' }),
      first: task('first'),
      second: task('second'),
      look: queryPart('SELECT Subject FROM Task', { name: 'look', effect: 'read', object: 'Task' }),
    });
    expect(answerOf(outcomes.look).records).toMatchObject([{ Subject: 'first' }, { Subject: 'second' }]);
    expect(answerOf(outcomes.second).id).toBe(org.state.rows('Task')[1]?.Id);
    expect(org.state.apiCalls).toBe(1);
  });

  test.each(['47.0', '48.0'])('are made in their order in API version %s as well', async (apiVersion) => {
    await makeTogether(connectionTo(org.url, apiVersion), { first: task('first'), second: task('second') });
    expect(subjects()).toEqual(['first', 'second']);
  });

  test('fail each by itself, in the words of the call that was refused', async () => {
    const outcomes = await makeTogether(connectionTo(org.url), {
      first: task('first'),
      mark: mark({ Dealseat_Ledgr__c: 'x' }),
      second: { ...task('second'), referring: { WhatId: '@{mark.id}' } },
      third: task('third'),
    });
    expect(outcomes).toMatchObject({
      first: { is: 'done' },
      mark: { is: 'failed', failure: { code: 'crm.field_missing' } },
      second: { is: 'notMade' },
      third: { is: 'done' },
    });
  });

  test.each(['Robin said @{you know} what', 'half @{ open'])(
    'are not made of a text that reads as a reference: %s',
    async (text) => {
      expect(readsAsReference({ text: 'a' }, undefined, { deep: [{ text }] })).toBe(true);
      const parts = { first: task('first'), typed: task(text) };
      await expect(makeTogether(connectionTo(org.url), parts)).rejects.toThrow(TypeError);
      expect(subjects()).toEqual([]);
    },
  );

  test.each([
    [
      'read',
      [queryPart('SELECT Id FROM Task', { name: 'look', effect: 'read', object: 'Task' })],
      'crm.unavailable',
    ],
    ['overwrite', [mark({ Dealseat_Status__c: 'x' })], 'crm.unavailable'],
    ['make something', [mark({ Dealseat_Status__c: 'x' }), task('t')], 'crm.outcome_unknown'],
  ] as const)('that %s are as uncertain as that when their answer is lost', async (_, parts, code) => {
    org.faults.add({ system: 'salesforce', path: /\/composite$/, kind: 'dropAfterCommit' });
    const named = Object.fromEntries(parts.map((part, index) => [`p${index}`, part as Part<unknown>]));
    expect((await failureOf(makeTogether(connectionTo(org.url), named))).code).toBe(code);
  });

  test('are refused as a whole for what the org refuses before any of them', async () => {
    org.faults.add({ system: 'salesforce', path: /\/composite$/, kind: 'rateLimit' });
    const failure = await failureOf(
      makeTogether(connectionTo(org.url), { first: task('first'), second: task('other') }),
    );
    expect(failure.code).toBe('crm.rate_limited');
    expect(failure.message).toContain('add task first, then add task other');
    expect(subjects()).toEqual([]);
  });

  test('go on with a new token after the old one ended', async () => {
    const connection = connectionTo(org.url);
    await connection.token();
    org.state.expireTokens();
    await makeTogether(connection, { first: task('first') });
    expect(subjects()).toEqual(['first']);
  });
});

describe('an answer to several calls', () => {
  const part = (referenceId: string, body: unknown = { id: '00T5Y00000AbCdEUAV', success: true }) => ({
    referenceId,
    httpStatusCode: 201,
    httpHeaders: {},
    body,
  });

  test.each<[string, object]>([
    ['leaves one out', { compositeResponse: [part('first')] }],
    ['has one twice', { compositeResponse: [part('first'), part('first'), part('second')] }],
    ['is none', { compositeResponse: null }],
    [
      'has a part without a status',
      { compositeResponse: [part('first'), { referenceId: 'second', body: {} }] },
    ],
  ])('that %s is refused, never read as if nothing had been there', async (_, body) => {
    const stub = await startStubOrg();
    stub.faults.add({ system: 'salesforce', path: /composite$/, kind: 'status', status: 200, body });
    const parts = { first: task('first'), second: task('second') };
    const failure = await failureOf(makeTogether(connectionTo(stub.url), parts));
    expect(failure.code).toBe('crm.outcome_unknown');
    await stub.close();
  });

  test('that has a part which is not what its call promises, is refused for that part', async () => {
    const stub = await startStubOrg();
    const body = {
      compositeResponse: [part('first'), part('second', { id: 'x', success: false, errors: [] })],
    };
    stub.faults.add({ system: 'salesforce', path: /composite$/, kind: 'status', status: 200, body });
    const parts = { first: task('first'), second: task('second') };
    expect(await makeTogether(connectionTo(stub.url), parts)).toMatchObject({
      first: { is: 'done' },
      second: { is: 'failed', failure: { code: 'crm.outcome_unknown' } },
    });
    await stub.close();
  });
});

describe('the hold of an opportunity', () => {
  const held = () => org.state.opportunity(DEAL_ID).Dealseat_Claim__c ?? null;

  test('is looked at and written in one call, together with what is shown', async () => {
    expect(await org.crm.takeHold(FREE)).toBe('first');
    expect(org.state.opportunity(DEAL_ID)).toMatchObject({
      Dealseat_Claim__c: 'working',
      Dealseat_Status__c: 'Provisioning',
    });
    expect(org.state.apiCalls).toBe(1);
  });

  test.each([
    ['somebody has taken it', { seen: null, there: 'working for another' }],
    ['it says something else by now', { seen: "it's done \\ at last", there: 'done since' }],
    ['it was given up', { seen: 'working', there: null }],
  ])('is left as it is when %s', async (_, { seen, there }) => {
    org.state.updateOpportunity(DEAL_ID, { Dealseat_Claim__c: there });
    expect(await org.crm.takeHold({ ...FREE, seen })).toBe('late');
    expect(held()).toBe(there);
    expect(org.state.opportunity(DEAL_ID).Dealseat_Status__c ?? null).toBeNull();
  });

  test('is taken over from whatever text was seen in it', async () => {
    const seen = `it's "done" \\ @{by} 100 % & more`;
    org.state.updateOpportunity(DEAL_ID, { Dealseat_Claim__c: seen });
    expect(await org.crm.takeHold({ ...FREE, seen })).toBe('first');
    expect(held()).toBe('working');
  });

  test('of an opportunity that is not there, or that sharing hides, is nobody’s to take', async () => {
    org.state.hide(DEAL_ID);
    expect(await org.crm.takeHold(FREE)).toBe('late');
    expect((await failureOf(org.crm.readRecord(DEAL_ID))).code).toBe('crm.deal_not_found');
  });

  test('that cannot be written fails in the words of the org, and is not written', async () => {
    org.faults.add({ ...edits, ...refusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Set a region first.') });
    const failure = await failureOf(org.crm.takeHold(FREE));
    expect(failure.code).toBe('crm.invalid_request');
    expect(failure.message).toContain('write fields of opportunity');
    expect(failure.message).toContain('Set a region first.');
    expect(held()).toBeNull();
  });

  test('in a field that no query can compare fails with the field and its cure', async () => {
    await org.close();
    org = await startSandboxOrg({ fieldLengths: { 'Opportunity.Dealseat_Claim__c': 32_768 } });
    const failure = await failureOf(org.crm.takeHold(FREE));
    expect(failure.code).toBe('crm.field_missing');
    expect(failure.message).toContain(
      'Field Dealseat_Claim__c of Opportunity is of a type that cannot be compared',
    );
    expect(failure.message).toContain('data type Text, length 255');
    const claim = (await org.crm.checkSetup({ fix: false })).find(({ name }) =>
      name.includes('Dealseat_Claim__c'),
    );
    expect(claim).toMatchObject({
      state: 'failed',
      advice: expect.stringContaining('must be Text, length 255'),
    });
  });

  test('whose answer is lost is found on the next look', async () => {
    org.faults.add({ ...edits, kind: 'dropAfterCommit' });
    expect((await failureOf(org.crm.takeHold(FREE))).code).toBe('crm.unavailable');
    expect((await org.crm.readRecord(DEAL_ID)).hold).toBe('working');
  });
});

describe('a new roster', () => {
  const small = { ...rosterOf(DEAL_ID), isNew: true };
  const large = { ...rosterOf(DEAL_ID, `code\r\n${'A'.repeat(600_000)}\r\n`), isNew: true };

  test.each([
    ['goes in one call with the question for its file', small, 1],
    ['goes by itself when it is large', large, 2],
  ])('%s', async (_, roster, calls) => {
    const attached = await org.crm.attachRoster(roster);
    const [file] = org.state.files(DEAL_ID);
    expect(file).toMatchObject({ versionId: attached.fileId, fileName: roster.fileName });
    expect(file?.bytes.equals(Buffer.from(roster.csv))).toBe(true);
    expect(attached.url).toContain(`/ContentDocument/${file?.documentId}/`);
    expect(org.state.apiCalls).toBe(calls);
  });

  test('that is refused is told in the words of the file, not of the question after it', async () => {
    org.faults.add({ ...files, ...refusal('STORAGE_LIMIT_EXCEEDED', 'storage limit exceeded'), times: 2 });
    const failure = await failureOf(org.crm.attachRoster(small));
    expect(failure.code).toBe('crm.storage_full');
    expect(failure.message).toContain('add file roster-globex-d1.csv');
  });

  test('goes by itself in an org that takes no file together with other calls, which is asked once', async () => {
    org.faults.add({ ...files, ...refusal('INVALID_INPUT', 'Composite takes no binary data') });
    await org.crm.attachRoster(small);
    const calls = org.state.apiCalls;
    await org.crm.attachRoster({ ...small, fileName: 'roster-globex-d2.csv' });
    expect(org.state.apiCalls).toBe(calls + 2);
    expect(org.state.files(DEAL_ID)).toHaveLength(2);
  });

  test.each<[string, object]>([
    ['the answer is lost', { kind: 'dropAfterCommit' }],
    [
      'its file cannot be asked for',
      { method: 'GET', path: /\/ContentVersion\/068/, kind: 'status', status: 503 },
    ],
  ])('is found by the next attempt when %s', async (_, fault) => {
    org.faults.add({ ...files, kind: 'status', ...fault });
    await failureOf(org.crm.attachRoster(small));
    const { fileId } = await org.crm.attachRoster({ ...small, isNew: false });
    expect(org.state.files(DEAL_ID).map(({ versionId }) => versionId)).toEqual([fileId]);
  });
});

describe('the end of a delivery', () => {
  const tasks = { system: 'salesforce', method: 'POST', path: /\/sobjects\/Task$/ } as const;
  const queries = { system: 'salesforce', method: 'GET', path: /\/query$/ } as const;
  const fields = { status: 'Delivered', seats: 5, claim: 'done' };
  const notice = {
    ...noticeOf(DEAL_ID, { key: 'delivered-1', subject: 'Done', priority: 'low' }),
    isNew: true,
  };
  const end = { dealId: DEAL_ID, fields, notice, looks: true };
  const marked = () => org.state.opportunity(DEAL_ID).Dealseat_Status__c ?? null;

  test('is one call: the mark, the task of the owner, and how the deal looks then', async () => {
    const ownerId = String(org.state.opportunity(DEAL_ID).OwnerId);
    const before = await org.crm.readPrint(DEAL_ID);
    const calls = org.state.apiCalls;
    const ended = await org.crm.conclude({ ...end, notice: { ...notice, ownerId } });
    expect(org.state.apiCalls).toBe(calls + 1);
    expect(marked()).toBe('Delivered');
    expect(org.state.rows('Task')).toMatchObject([
      { WhatId: DEAL_ID, OwnerId: ownerId, Subject: 'Done', Priority: 'Low' },
    ]);
    expect(ended).toEqual({ isTold: true, print: await org.crm.readPrint(DEAL_ID) });
    expect(ended.print?.print).toBe(before.print);
  });

  test('looks after the mark, so that a change of somebody else is seen', async () => {
    const { print } = await org.crm.readPrint(DEAL_ID);
    org.state.updateOpportunity(DEAL_ID, { Name: 'Sold once more' });
    expect((await org.crm.conclude(end)).print?.print).not.toBe(print);
  });

  test('does not look where nobody wants to know', async () => {
    expect(await org.crm.conclude({ ...end, looks: false })).toEqual({ isTold: true, print: null });
  });

  test('of a long deal has the print that a reading has, page by page', async () => {
    await org.close();
    org = await startSandboxOrg({ pageSize: 200 });
    for (let n = 0; n < 250; n += 1) {
      org.state.addContact(DEAL_ID, { lastName: `L${n}`, email: `l${n}@x.example` });
    }
    const { print } = await org.crm.readDeal(DEAL_ID);
    expect((await org.crm.conclude(end)).print?.print).toBe(print);
  });

  test.each([
    [
      'a validation rule',
      refusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Set a region first.'),
      'crm.invalid_request',
    ],
    ['a locked record', refusal('UNABLE_TO_LOCK_ROW', 'locked'), 'crm.conflict'],
    [
      'a missing field',
      refusal('INVALID_FIELD', "No such column 'Dealseat_Status__c' on sobject of type Opportunity"),
      'crm.field_missing',
    ],
    [
      'a value that is too long',
      refusal('STRING_TOO_LONG', 'Dealseat Ledger: data value too large'),
      'crm.invalid_request',
    ],
  ] as const)(
    'whose mark is kept from being written by %s says so, and tells nobody',
    async (_, fault, code) => {
      org.faults.add({ ...edits, ...fault });
      const failure = await failureOf(org.crm.conclude(end));
      expect(failure.code).toBe(code);
      expect(failure.message).toMatch(/^Salesforce: write fields of opportunity /);
      expect([marked(), subjects()]).toEqual([null, []]);
    },
  );

  test('of an opportunity that is gone says so, and tells nobody', async () => {
    org.state.records.remove('Opportunity', DEAL_ID);
    expect((await failureOf(org.crm.conclude(end))).code).toBe('crm.deal_not_found');
    expect(subjects()).toEqual([]);
  });

  test('is marked though the task is refused', async () => {
    org.faults.add({ ...tasks, ...refusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'No tasks on Fridays.') });
    expect(await org.crm.conclude(end)).toEqual({ isTold: false, print: expect.any(Object) });
    expect([marked(), subjects()]).toEqual(['Delivered', []]);
  });

  test('is marked though the owner left meanwhile', async () => {
    const ownerId = String(org.state.opportunity(DEAL_ID).OwnerId);
    org.state.deactivateOwner(DEAL_ID);
    const ended = await org.crm.conclude({ ...end, notice: { ...notice, ownerId } });
    expect([ended.isTold, marked()]).toEqual([false, 'Delivered']);
  });

  test('is marked though the look fails, and then says how the deal looks no more', async () => {
    org.faults.add({ ...queries, after: 1, ...refusal('QUERY_TIMEOUT', 'too long') });
    expect(await org.crm.conclude(end)).toEqual({ isTold: true, print: null });
    expect([marked(), subjects()]).toEqual(['Delivered', ['Done']]);
  });

  test('tells nobody where the mark is not found to be there', async () => {
    org.faults.add({ ...queries, ...refusal('QUERY_TIMEOUT', 'too long') });
    expect(await org.crm.conclude(end)).toEqual({ isTold: false, print: expect.any(Object) });
    expect([marked(), subjects()]).toEqual(['Delivered', []]);
  });

  test('looks last, so that a change of that very moment is seen', async () => {
    const { print } = await org.crm.readPrint(DEAL_ID);
    const held = Promise.withResolvers<void>();
    org.faults.add({ ...tasks, kind: 'delay', until: held.promise });
    const ending = org.crm.conclude(end);
    await until('the task is about to be made', () => org.faults.hits.length === 1);
    org.state.updateOpportunity(DEAL_ID, { Name: 'Sold once more' });
    held.resolve();
    expect((await ending).print?.print).not.toBe(print);
  });

  test('whose answer is lost is told again, and the owner is not', async () => {
    org.faults.add({ system: 'salesforce', path: /composite$/, kind: 'dropAfterCommit' });
    expect((await failureOf(org.crm.conclude(end))).code).toBe('crm.outcome_unknown');
    expect([marked(), subjects()]).toEqual(['Delivered', ['Done']]);
    const again = { ...end, notice: { ...notice, isNew: false } };
    expect(await org.crm.conclude(again)).toMatchObject({
      isTold: true,
      print: { print: expect.any(String) },
    });
    expect(subjects()).toEqual(['Done']);
  });

  test('of a deal whose name reads as a reference is made by a call for each', async () => {
    const ended = await org.crm.conclude({ ...end, notice: { ...notice, subject: 'Done: @{acme}' } });
    expect(ended).toMatchObject({ isTold: true, print: { print: expect.any(String) } });
    expect([marked(), subjects()]).toEqual(['Delivered', ['Done: @{acme}']]);
  });

  test('ends with the reason of a cancellation, whatever of it was done', async () => {
    const reason = new Error('the worker stops');
    const cancellation = new AbortController();
    org.faults.add({ ...tasks, kind: 'delay', until: new Promise((resolve) => setImmediate(resolve)) });
    const ending = org.crm.conclude(end, cancellation.signal);
    cancellation.abort(reason);
    await expect(ending).rejects.toBe(reason);
  });
});
