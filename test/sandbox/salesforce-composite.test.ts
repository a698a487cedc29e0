import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askedIn } from '../../sandbox/http.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { errorCodes, openOrg, send, textOf, token } from './salesforce-org.ts';

const API = '/services/data/v66.0';
const DEAL = '0065Y00001Suvw6QAB';

let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => {
  org = await openOrg();
});
afterEach(() => org.close());

interface PartResult {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

const composite = (body: object) => org.call('POST', '/composite', { body });
const run = async (parts: readonly object[], options: object = {}): Promise<PartResult[]> => {
  const { status, json } = await composite({ compositeRequest: parts, ...options });
  expect(status).toBe(200);
  return (json as { compositeResponse: PartResult[] }).compositeResponse;
};
const statuses = (results: readonly PartResult[]) => results.map(({ httpStatusCode }) => httpStatusCode);
const codeOf = ({ body }: PartResult | undefined = { body: [{}] } as PartResult) =>
  textOf((body as object[])[0], 'errorCode');

const query = (referenceId: string, soql: string) => ({
  method: 'GET',
  url: `${API}/query?q=${encodeURIComponent(soql)}`,
  referenceId,
});
const edit = (referenceId: string, body: object, id: string = DEAL) => ({
  method: 'PATCH',
  url: `${API}/sobjects/Opportunity/${id}`,
  referenceId,
  body,
});
const task = (referenceId: string, body: object = {}) => ({
  method: 'POST',
  url: `${API}/sobjects/Task`,
  referenceId,
  body: { Subject: referenceId, ...body },
});
const status = () => org.state.opportunity(DEAL).Dealseat_Status__c ?? null;
const subjects = () => org.state.rows('Task').map(({ Subject }) => Subject);

describe('a composite', () => {
  test('carries out its parts in their order and answers each in the form of its own call', async () => {
    const results = await run(
      [
        edit('mark', { Dealseat_Status__c: 'Delivered' }),
        task('task', { WhatId: DEAL }),
        query('look', `SELECT Id, Dealseat_Status__c FROM Opportunity WHERE Id = '${DEAL}'`),
      ],
      { collateSubrequests: false },
    );
    const [{ Id: taskId } = {}] = org.state.rows('Task');
    expect(results).toEqual([
      { body: null, httpHeaders: {}, httpStatusCode: 204, referenceId: 'mark' },
      {
        body: { id: taskId, success: true, errors: [] },
        httpHeaders: { Location: `${API}/sobjects/Task/${taskId}` },
        httpStatusCode: 201,
        referenceId: 'task',
      },
      {
        body: {
          totalSize: 1,
          done: true,
          records: [
            {
              attributes: { type: 'Opportunity', url: `${API}/sobjects/Opportunity/${DEAL}` },
              Id: DEAL,
              Dealseat_Status__c: 'Delivered',
            },
          ],
        },
        httpHeaders: {},
        httpStatusCode: 200,
        referenceId: 'look',
      },
    ]);
  });

  test('counts as one call, whatever it asks for', async () => {
    const before = org.state.apiCalls;
    const { headers } = await composite({ compositeRequest: [task('a'), task('b'), task('c')] });
    expect(org.state.apiCalls).toBe(before + 1);
    expect(headers['sforce-limit-info']).toBe(`api-usage=${before + 1}/100000`);
  });

  test('lets a part use what an earlier one answered, in its address and in its body', async () => {
    const [made, found, linked] = await run([
      {
        method: 'POST',
        url: `${API}/sobjects/ContentVersion`,
        referenceId: 'file',
        body: { Title: 'a', PathOnClient: 'a.csv', VersionData: Buffer.from('x').toString('base64') },
      },
      {
        method: 'GET',
        url: `${API}/query?q=SELECT+ContentDocumentId+FROM+ContentVersion+WHERE+Id='@{file.id}'`,
        referenceId: 'version',
      },
      {
        method: 'POST',
        url: `${API}/sobjects/ContentDocumentLink`,
        referenceId: 'link',
        body: { ContentDocumentId: '@{version.records[0].ContentDocumentId}', LinkedEntityId: DEAL },
      },
    ]);
    expect(statuses([made, found, linked].flatMap((each) => each ?? []))).toEqual([201, 200, 201]);
    expect(org.state.files(DEAL).map(({ bytes }) => bytes.toString())).toEqual(['x']);
  });

  test('leaves out a part whose reference leads nowhere, and goes on with the others', async () => {
    const results = await run([
      query('free', `SELECT Id FROM Opportunity WHERE Id = '${DEAL}' AND Dealseat_Claim__c = 'nobody'`),
      edit('take', { Dealseat_Status__c: 'Provisioning' }, '@{free.records[0].Id}'),
      task('after'),
    ]);
    expect(statuses(results)).toEqual([200, 400, 201]);
    expect(results[1]?.body).toEqual([
      {
        errorCode: 'PROCESSING_HALTED',
        message: 'Invalid reference specified. No value for free.records[0].Id found in free',
      },
    ]);
    expect([status(), subjects()]).toEqual([null, ['after']]);
  });

  test('takes any text for a reference that looks like one, and tells names apart by their case', async () => {
    const results = await run([
      task('first'),
      task('typed', { Description: 'Give it to @{robin}' }),
      task('cased', { Description: '@{first.Id}' }),
      task('whole', { Description: 'made after @{first.id}' }),
    ]);
    expect(statuses(results)).toEqual([201, 400, 400, 201]);
    expect(org.state.rows('Task')[1]?.Description).toMatch(/^made after 00T/);
  });

  test('goes on past a part that fails, unless all or none are to be done', async () => {
    const parts = [task('a'), edit('bad', { Nope__c: 1 }), task('b')];
    expect(statuses(await run(parts, { collateSubrequests: false }))).toEqual([201, 400, 201]);
    expect(subjects()).toEqual(['a', 'b']);

    const results = await run([edit('mark', { Dealseat_Status__c: 'Delivered' }), ...parts], {
      allOrNone: true,
    });
    expect(statuses(results)).toEqual([400, 400, 400, 400]);
    expect(results.map(codeOf)).toEqual([
      'PROCESSING_HALTED',
      'PROCESSING_HALTED',
      'INVALID_FIELD',
      'PROCESSING_HALTED',
    ]);
    expect([status(), subjects()]).toEqual([null, ['a', 'b']]);
  });

  test('promises no order among writes of one kind unless it is told to', async () => {
    await run([task('a'), task('b')], { collateSubrequests: false });
    await run([task('c'), task('d')]);
    expect(subjects()).toEqual(['a', 'b', 'd', 'c']);
  });

  test('passes a header of a part on to it', async () => {
    const many = Array.from({ length: 250 }, (_, n) => n);
    for (const n of many) org.state.records.insert('Task', { Subject: String(n) });
    const [page] = await run([
      { ...query('page', 'SELECT Id FROM Task'), httpHeaders: { 'Sforce-Query-Options': 'batchSize=200' } },
    ]);
    expect(page?.body).toMatchObject({ totalSize: 250, done: false });
  });

  test('takes collections and further pages of a query, each as a call of its own', async () => {
    const records = [{ attributes: { type: 'Task' }, Subject: 'one of many' }];
    const [made] = await run([
      { method: 'POST', url: `${API}/composite/sobjects`, referenceId: 'many', body: { records } },
    ]);
    expect(made).toMatchObject({ httpStatusCode: 200, body: [{ success: true }] });
    const [lost] = await run([
      { method: 'GET', url: `${API}/query/01g5Y0000000001QAA-2000`, referenceId: 'p' },
    ]);
    expect(codeOf(lost)).toBe('INVALID_QUERY_LOCATOR');
  });

  test('takes 25 parts and five queries, and not one more', async () => {
    const tasks = Array.from({ length: 20 }, (_, n) => task(`t${n}`));
    const queries = Array.from({ length: 5 }, (_, n) => query(`q${n}`, 'SELECT Id FROM Task'));
    expect(statuses(await run([...tasks, ...queries]))).toHaveLength(25);
    for (const compositeRequest of [
      [...tasks, ...queries, task('more')],
      [...queries, query('q6', 'SELECT Id FROM Task')],
    ]) {
      const answer = await composite({ compositeRequest });
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['LIMIT_EXCEEDED']]);
    }
    expect(org.state.rows('Task')).toHaveLength(20);
  });

  const mail = { inputs: [] };
  test.each<[string, object]>([
    ['no parts', { compositeRequest: [] }],
    ['a key that it does not know', { compositeRequest: [task('a')], allOrNothing: true }],
    ['a key that a part does not know', { compositeRequest: [{ ...task('a'), reference: 'x' }] }],
    ['a reference id with a hyphen', { compositeRequest: [task('a-b')] }],
    ['one reference id twice', { compositeRequest: [task('a'), task('a')] }],
    ['no reference id', { compositeRequest: [{ ...task('a'), referenceId: undefined }] }],
    [
      'a header that is inherited',
      { compositeRequest: [{ ...task('a'), httpHeaders: { Authorization: 'x' } }] },
    ],
    ['an address without the version', { compositeRequest: [{ ...task('a'), url: '/sobjects/Task' }] }],
    ['a read with a body', { compositeRequest: [{ ...query('q', 'SELECT Id FROM Task'), body: {} }] }],
    [
      'an action',
      { compositeRequest: [{ ...task('a'), url: `${API}/actions/standard/emailSimple`, body: mail }] },
    ],
    [
      'the bytes of a file',
      {
        compositeRequest: [
          { method: 'GET', url: `${API}/sobjects/ContentVersion/068/VersionData`, referenceId: 'f' },
        ],
      },
    ],
    ['a composite', { compositeRequest: [{ ...task('a'), url: `${API}/composite` }] }],
  ])('is refused as a whole when it has %s', async (_, body) => {
    const answer = await composite(body);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['JSON_PARSER_ERROR']]);
    expect(org.state.rows('Task')).toEqual([]);
  });

  test('is not read, and needs a session as every call does', async () => {
    expect((await org.call('GET', '/composite')).status).toBe(405);
    expect((await org.call('POST', '/composite', { body: {}, token: 'none' })).status).toBe(401);
  });

  test('answers a part of a retired version as that version does', async () => {
    const [gone] = await run([{ ...task('old'), url: '/services/data/v30.0/sobjects/Task' }]);
    expect([gone?.httpStatusCode, codeOf(gone)]).toEqual([410, 'GONE']);
  });
});

describe('a fault', () => {
  const parts = [
    edit('mark', { Dealseat_Status__c: 'Delivered' }),
    task('task'),
    query('q', 'SELECT Id FROM Task'),
  ];
  const onTask = { system: 'salesforce', method: 'POST', path: /\/sobjects\/Task$/ } as const;
  const locked = [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: 'locked' }];

  test('that answers strikes one part alone', async () => {
    org.faults.add({ ...onTask, kind: 'status', status: 400, body: locked });
    const results = await run(parts, { collateSubrequests: false });
    expect(statuses(results)).toEqual([204, 400, 200]);
    expect(results[1]?.body).toEqual(locked);
    expect([status(), subjects()]).toEqual(['Delivered', []]);
    expect(org.faults.hits).toMatchObject([{ method: 'POST', path: `${API}/sobjects/Task` }]);
  });

  test('that answers after the commit leaves the part done', async () => {
    org.faults.add({ ...onTask, kind: 'status', status: 500, body: [], commit: true });
    expect(statuses(await run(parts))).toEqual([204, 500, 200]);
    expect(subjects()).toEqual(['task']);
  });

  test.each([
    ['dropBefore', ['Delivered', []]],
    ['dropAfterCommit', ['Delivered', ['task']]],
    ['truncate', ['Delivered', ['task']]],
  ] as const)('of the connection, %s, takes the whole answer', async (kind, done) => {
    org.faults.add({ ...onTask, kind });
    await expect(composite({ compositeRequest: parts })).rejects.toThrow();
    expect([status(), subjects()]).toEqual(done);
  });

  test('that delays a part holds up those behind it', async () => {
    const held = Promise.withResolvers<void>();
    org.faults.add({ ...onTask, kind: 'delay', until: held.promise });
    const results = run(parts);
    while (org.faults.hits.length === 0) await org.call('GET', '/limits');
    expect([status(), subjects()]).toEqual(['Delivered', []]);
    held.resolve();
    expect(statuses(await results)).toEqual([204, 201, 200]);
  });

  test.each([
    [{ kind: 'status', status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'm' }] }, 401],
    [{ kind: 'rateLimit' }, 403],
  ] as const)(
    'of session or quota, which all parts share, turns them all away: %o',
    async (fault, refused) => {
      org.faults.add({ ...onTask, ...fault });
      expect((await composite({ compositeRequest: parts })).status).toBe(refused);
      expect([status(), subjects()]).toEqual([null, []]);
    },
  );

  test('that says when to come back says so in the answer of the part', async () => {
    org.faults.add({ ...onTask, kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: {} });
    expect((await run(parts))[1]?.httpHeaders).toEqual({ 'retry-after': '7' });
  });

  test('of the whole strikes no part', async () => {
    org.faults.add({ system: 'salesforce', path: /\/composite$/, kind: 'dropBefore' });
    await expect(composite({ compositeRequest: parts })).rejects.toThrow();
    expect([status(), subjects()]).toEqual([null, []]);
  });
});

test('the log has one line for a composite, and shows what it asked for by the addresses that were meant', async () => {
  const sandbox = await startSandbox();
  try {
    const { url } = sandbox.salesforce;
    const form = {
      grant_type: 'client_credentials',
      client_id: 'sandbox-sf-client',
      client_secret: 'sandbox-sf-secret',
    };
    const session = textOf((await token(url, form)).json, 'access_token');
    sandbox.faults.add({
      system: 'salesforce',
      method: 'POST',
      path: /Task$/,
      kind: 'status',
      status: 400,
      body: [],
    });
    const compositeRequest = [
      query('deal', `SELECT Id FROM Opportunity WHERE Id = '${DEAL}'`),
      edit('mark', { Dealseat_Status__c: 'Delivered' }, '@{deal.records[0].Id}'),
      task('task'),
    ];
    await send('POST', `${url}${API}/composite`, {
      headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json' },
      body: JSON.stringify({ compositeRequest }),
    });
    const [, ...logged] = sandbox.exchanges;
    expect(logged).toMatchObject([{ method: 'POST', path: `${API}/composite`, status: 200, fault: null }]);
    expect(askedIn(logged).map(({ method, path, status, fault }) => [method, path, status, fault])).toEqual([
      ['GET', `${API}/query`, 200, null],
      ['PATCH', `${API}/sobjects/Opportunity/${DEAL}`, 204, null],
      ['POST', `${API}/sobjects/Task`, 400, 'status'],
    ]);
  } finally {
    await sandbox.close();
  }
});
