import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../../sandbox/faults.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { BufferedTransport } from '../../src/clients/salesforce/transport.ts';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { noticeOf } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf, ORG_ID, rows, type StubOrg, startStubOrg } from './salesforce-stub.ts';

const NOTICE = noticeOf(DEAL_ID);

const EFFECTS: readonly [string, string, (crm: Crm) => Promise<unknown>, FailureCode][] = [
  ['a read', 'GET', (crm) => crm.readDeal(DEAL_ID), 'crm.unavailable'],
  ['a create', 'POST', (crm) => crm.notify(NOTICE), 'crm.outcome_unknown'],
];

const CASES = (['truncate', 'stall'] satisfies FaultKind[]).flatMap((kind) =>
  EFFECTS.map(([name, method, run, code]) => ({ name, method, run, code, kind })),
);

describe('an answer that does not arrive whole', () => {
  let org: StubOrg;

  beforeEach(async () => {
    org = await startStubOrg({ timeoutMs: 1_500 });
  });

  afterEach(async () => {
    await org.close();
  });

  test.each(CASES)(
    '$kind in the body of $name: the call fails as $code, and the next one works',
    async (c) => {
      await org.crm.ping();
      org.faults.add({ system: 'salesforce', method: c.method, path: /^\/services\/data\//, kind: c.kind });

      const failure = await failureOf(c.run(org.crm));

      expect(failure.code).toBe(c.code);
      expect(org.faults.hits).toHaveLength(1);
      await expect(org.crm.notify(NOTICE)).resolves.toBeUndefined();
    },
  );

  // In a process of its own, for Jest would catch what jsforce's own transport throws outside of any promise.
  test.each(['truncate', 'stall'] as const)('%s in a body does not end the process', async (kind) => {
    org.faults.add({ system: 'salesforce', method: 'GET', path: /^\/services\/data\//, kind });
    const script = fileURLToPath(new URL('./salesforce-one-call.ts', import.meta.url));

    const { stdout } = await promisify(execFile)(process.execPath, [script, org.url, DEAL_ID], {
      timeout: 30_000,
    });

    expect(stdout.trim().split('\n')).toEqual(['crm.unavailable', 'alive']);
    expect(org.faults.hits).toHaveLength(1);
  });

  test('a create that found no connection did not happen, so it may simply be repeated', async () => {
    // The create alone: every call of ours that makes something looks before, and would fail there.
    const call = { name: 'add a task', effect: 'create', object: 'Task' } as const;
    const transport = new BufferedTransport({ call, timeoutMs: 10_000, signal: undefined });
    // Port 9 (discard) is not served here, and connecting to it is refused.
    const create = transport.httpRequest({ method: 'POST', url: 'http://127.0.0.1:9/', body: '{}' });

    expect((await failureOf(create)).code).toBe('crm.unavailable');
  });

  test('a cancelled call ends with the reason of the cancellation, at once', async () => {
    const cancellation = new AbortController();
    const reason = new Error('the run was cancelled');
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'stall' });
    org.answers.set(/query/, () => {
      cancellation.abort(reason);
      return rows();
    });

    const call = org.crm.readDeal(DEAL_ID, cancellation.signal);

    await expect(call).rejects.toBe(reason);
  });

  test('a call of a cancelled activity sends nothing', async () => {
    await expect(org.crm.readDeal(DEAL_ID, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(org.calls).toEqual([]);
  });

  test('a page address that names another host is not followed, for the token would go there', async () => {
    const elsewhere = await startStubOrg();
    const nextRecordsUrl = `${elsewhere.url}/services/data/v66.0/query/01g-2000`;
    org.answers.set(/query/, {
      status: 200,
      body: { totalSize: 2, done: false, records: [], nextRecordsUrl },
    });

    expect((await failureOf(org.crm.readDeal(DEAL_ID))).code).toBe('crm.bad_response');
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });

  test('a page that names itself as the next is read once, not for ever', async () => {
    org.answers.set(/query/, {
      status: 200,
      body: { totalSize: 2, done: false, records: [], nextRecordsUrl: '/services/data/v66.0/query/01g-2000' },
    });

    expect((await failureOf(org.crm.readDeal(DEAL_ID))).code).toBe('crm.bad_response');
    expect(org.calls.filter((call) => call.includes('01g-2000'))).toHaveLength(1);
  });

  test('an org id that is none is refused before any call', () => {
    const options = { loginUrl: 'https://acme.my.salesforce.com', clientId: 'a', clientSecret: 'b' };
    expect(() => createSalesforceCrm({ ...options, orgId: 'nope', apiVersion: '66.0' })).toThrow(RangeError);
    expect(createSalesforceCrm({ ...options, orgId: ORG_ID.slice(0, 15), apiVersion: '66.0' }).account).toBe(
      ORG_ID,
    );
  });

  test('a mail tool of another CRM is the bug it is', () => {
    expect(() => org.crm.mailTool({ ...NO_MAIL, via: 'list', settings: { listId: 1 } })).toThrow(TypeError);
  });
});
