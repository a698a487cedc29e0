import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PLATFORM } from '../../src/config/load-catalog.ts';
import { triggerSeatSync } from '../../src/temporal/seat-sync-schedule.ts';
import { chainOf } from '../support/replay.ts';
import { until } from '../support/until.ts';
import { findNeedles, type Needle, type Straw, strawsOf } from './needles.ts';
import { CANARY, type ObservedService, startObservedService } from './observed-service.ts';
import { type Ended, play, ROUNDS } from './rounds.ts';

/**
 * Both CRMs, end to end, in good and bad weather; then every place that outlives the moment is searched for the codes,
 * which are canaries here, and for everything that opens a door.
 */
let service: ObservedService;
const ended = new Map<string, Ended[]>();
/** What Temporal told of each run while it was under way: pending failures and heartbeats are gone afterwards. */
const described: Straw[] = [];
const answers: Straw[] = [];
/** These may name learners. */
const seatAnswers: Straw[] = [];
const watching = new AbortController();
const watches: Promise<void>[] = [];

/** Above all that the rounds wait for on a machine that stalls now and then. */
const SET_UP_MS = 1_200_000;
const WATCH_INTERVAL_MS = 100;

beforeAll(async () => {
  service = await startObservedService();
  const watcher = { started: watch, told: (straw: Straw) => described.push(straw) };
  for (const round of ROUNDS) ended.set(round.name, await play(service, round, watcher));
  await useSeats();
  await ask();
  watching.abort();
  await Promise.all(watches);
}, SET_UP_MS);

afterAll(() => service.close());

function watch(id: string): void {
  watches.push(
    (async () => {
      const handle = service.client.workflow.getHandle(id);
      for (let isOpen = true; isOpen && !watching.signal.aborted; ) {
        const description = await handle.describe();
        described.push(...strawsOf(`description of ${id}`, description.raw));
        isOpen = description.status.name === 'RUNNING';
        if (isOpen) await pause(WATCH_INTERVAL_MS);
      }
    })(),
  );
}

/** Runs of the sync, and of the change of a seat. */
const seatRuns: string[] = [];

/** Asked for at every look, syncs would keep the schedule busy with nothing else. */
const SYNC_AGAIN_MS = 1_000;

/** A learner redeems a code, and the seat is taken back. */
async function useSeats(): Promise<void> {
  const { client, desk, sandbox } = service;
  const code = await handedOutCode();
  const stateOf = async () => (await desk.find({ text: code, by: 'code' })).seats[0];
  expect(sandbox.ti.state.redeem(code, 'lou.marsh@acme.example')).toBe('redeemed');
  let syncAt = 0;
  await until('the redemption is recorded', async () => {
    if (performance.now() >= syncAt) {
      await triggerSeatSync(client, PLATFORM);
      syncAt = performance.now() + SYNC_AGAIN_MS;
    }
    return (await stateOf())?.state === 'redeemed';
  });
  const seatId = (await stateOf())?.id ?? '';
  const { id } = await desk.ask({
    id: `leak-test-${seatId}`,
    act: { kind: 'revoke', input: {} },
    seat: { id: seatId },
    actor: { kind: 'person', name: 'bo' },
    reason: 'for the test',
  });
  await until('the seat is taken back', async () => (await desk.operation(id)).isOver);
  expect(await desk.operation(id)).toMatchObject({ state: 'done' });
  const query = `TaskQueue = '${service.taskQueue}' AND WorkflowType IN ('syncSeats', 'operateOnSeat')`;
  await until('their runs are listed', async () => {
    seatRuns.length = 0;
    for await (const { workflowId } of client.workflow.list({ query })) seatRuns.push(workflowId);
    return seatRuns.some((run) => run.includes(id));
  });
}

async function handedOutCode(): Promise<string> {
  for (const { code } of service.sandbox.ti.state.codes) {
    const { seats } = await service.desk.find({ text: code, by: 'code' });
    if (seats.some(({ state }) => state === 'exposed')) return code;
  }
  throw new Error('No code was handed out');
}

/** Everything that answers over HTTP. */
async function ask(): Promise<void> {
  const { webhooksUrl, secrets } = service;
  const key = secrets.at(-1) ?? '';
  const [first] = runIds();
  const [, crm, , dealId] = (first ?? '').split(':');
  const requests: [string, RequestInit?][] = [
    ['/metrics'],
    ['/openapi.json'],
    [`/provisionings/${first}`, { headers: { authorization: `Bearer ${key}` } }],
    [
      '/webhooks/manual',
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ crm, dealId, dryRun: true }),
      },
    ],
    ['/webhooks/salesforce/sandbox-sf-webhook-secret-wrong-one', { method: 'POST', body: '<x/>' }],
  ];
  for (const [path, init] of requests) {
    const answer = await fetch(`${webhooksUrl}${path}`, init);
    answers.push({ where: `answer of ${path}`, text: await answer.text() });
  }
  await askOfSeats(`crm=${crm}&dealId=${dealId}`, key);
}

/** All that the HTTP interface tells of seats without the scope for codes. */
async function askOfSeats(deal: string, key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const asked = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${service.webhooksUrl}${path}`, { headers, ...init });
    const text = await answer.text();
    seatAnswers.push({ where: `${answer.status} of ${path}`, text });
    return text;
  };
  const { seats } = JSON.parse(await asked(`/api/seats?${deal}`)) as { seats: { id: string }[] };
  await asked(`/api/seats/${seats[0]?.id}`);
  await asked(`/api/seats/export?${deal}`);
  const [code] = service.sandbox.ti.state.codes;
  await asked('/api/seats/find', { method: 'POST', body: JSON.stringify({ text: code?.code }) });
  const refused = { method: 'POST', body: JSON.stringify({ reason: 'a test' }) };
  await asked(`/api/seats/${seats[0]?.id}/link`, refused);
}

/** Of the embedded database: tables, indexes and the log of its writes. */
async function databaseFiles(): Promise<Straw[]> {
  await service.checkpoint();
  const entries = await readdir(service.storeFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.parentPath.includes('data'));
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      where: `database file ${name}`,
      text: await readFile(join(parentPath, name), 'latin1'),
    })),
  );
}

function runIds(): string[] {
  return [...ended.values()].flat().map(({ id }) => id);
}

/** Codes, tokens and keys. Sessions of Salesforce tell themselves by their form, so their head is enough. */
function needles(): Needle[] {
  return [
    { name: 'a redemption code', text: `${CANARY}0` },
    ...service.secrets.map((text, index) => ({ name: `secret number ${index}`, text })),
    { name: 'a Salesforce session', text: `${service.accounts.salesforce.slice(0, 15)}!` },
  ];
}

function people(): Needle[] {
  return [{ name: 'an e-mail address of a contact', text: '@acme.example' }];
}

async function histories(): Promise<Straw[]> {
  const found: Straw[] = [];
  for (const id of [...runIds(), ...seatRuns]) {
    const chain = await chainOf(service.client, id, []);
    found.push(...strawsOf(`history of ${id}`, chain));
  }
  return found;
}

async function failures(): Promise<Straw[]> {
  const outcomes = runIds().map(async (id) => {
    const outcome = await service.runs.result(id).catch((error: unknown) => error);
    return strawsOf(`outcome of ${id}`, outcome);
  });
  return (await Promise.all(outcomes)).flat();
}

async function listed(): Promise<Straw[]> {
  const found: Straw[] = [];
  for (const id of runIds()) {
    for await (const { raw } of service.client.workflow.list({ query: `WorkflowId = '${id}'` })) {
      found.push(...strawsOf(`list entry of ${id}`, raw));
    }
  }
  return found;
}

function logs(): Straw[] {
  return service.logLines.map((text, index) => ({ where: `log line ${index}`, text }));
}

function spans(): Straw[] {
  return service.spans.getFinishedSpans().flatMap(({ name, attributes, events, links, status, resource }) => {
    return strawsOf(`span ${name}`, { name, attributes, events, links, status, of: resource.attributes });
  });
}

describe('the rounds were played', () => {
  test('every run ended as its round demands', () => {
    for (const { name, whenStuck } of ROUNDS) {
      const expected = whenStuck === 'cancel' ? 'Cancelled' : 'Delivered';
      expect([name, ...(ended.get(name)?.map(({ status }) => status) ?? [])]).toEqual([
        name,
        expected,
        expected,
      ]);
    }
  });

  test('every fault of every round struck', () => {
    const struck = new Set(service.sandbox.faults.hits.map(({ fault }) => fault));
    const missed = ROUNDS.flatMap(({ name, faults }) =>
      faults
        .filter((fault) => !struck.has(fault))
        .map(({ system, method, path }) => [name, system, method, path]),
    );
    expect(missed).toEqual([]);
  });

  test('codes went where they belong: into the CRM and its mails', () => {
    const { hubspot, salesforce, outbox, ti } = service.sandbox;
    const isCanary = (text: unknown) => String(text).includes(CANARY);
    expect(ti.state.codes.length).toBeGreaterThanOrEqual(3 * 2 * ROUNDS.length);
    expect(outbox.mails.some((mail) => isCanary(JSON.stringify(mail.properties)))).toBe(true);
    expect(outbox.mails.some(({ attachments }) => attachments.some(({ bytes }) => isCanary(bytes)))).toBe(
      true,
    );
    expect(salesforce.state.rows('Contact').some((row) => isCanary(row.Dealseat_Redeem_Link__c))).toBe(true);
    const [, , , dealId = ''] = (runIds()[0] ?? '').split(':');
    const files = hubspot.state.attachmentsOf({ object: 'deals', id: dealId });
    expect(files.some(({ bytes }) => isCanary(bytes))).toBe(true);
  });
});

/** Control: a group label may be seen, and is seen wherever the search claims to look. */
test.each<[string, () => Promise<Straw[]> | Straw[]]>([
  ['the payloads of a history', histories],
  ['a description', () => described],
  ['the search attributes of the list', listed],
  ['the result of a run', failures],
  ['a span', spans],
])('the search reaches into %s', async (_, places) => {
  const label: Needle = { name: 'a group label', text: 'leadership-essentials-' };
  const finds = findNeedles([label], await places());
  expect(finds.filter(({ form }) => form === 'plain').length).toBeGreaterThan(0);
});

describe('no code, token or key is in', () => {
  test('a history, its payloads decoded', async () => {
    const found = await histories();
    expect(found).toHaveLength(runIds().length + seatRuns.length);
    expect(findNeedles(needles(), found)).toEqual([]);
  });

  test('a description: memo, search attributes, heartbeats and pending failures while it ran', () => {
    expect(described.some(({ text }) => text.includes('lastFailure'))).toBe(true);
    expect(findNeedles(needles(), described)).toEqual([]);
  });

  test('an entry of the list of runs', async () => {
    const found = await listed();
    expect(found.length).toBeGreaterThan(0);
    expect(findNeedles(needles(), found)).toEqual([]);
  });

  test('the failure or result that a caller gets', async () => {
    expect(findNeedles(needles(), await failures())).toEqual([]);
  });

  test("a log line, the SDK's included, though nothing was redacted", () => {
    const found = logs();
    expect(found.some(({ text }) => /Step \w+.* failed/.test(text))).toBe(true);
    expect(found.some(({ text }) => text.includes('answered'))).toBe(true);
    expect(findNeedles(needles(), found)).toEqual([]);
  });

  test('a span', () => {
    const names = new Set(service.spans.getFinishedSpans().map(({ name }) => name));
    for (const name of ['attachRoster', 'sendMessages', 'start run', 'POST /webhooks/salesforce/:secret']) {
      expect([...names]).toContain(name);
    }
    expect(findNeedles(needles(), spans())).toEqual([]);
  });

  test('an answer about seats to a key without the scope for codes', () => {
    expect(seatAnswers.map(({ where }) => where.slice(0, 3))).toEqual(['200', '200', '200', '200', '403']);
    expect(seatAnswers[3]?.text).toContain('"by":"code"');
    expect(findNeedles(needles(), seatAnswers)).toEqual([]);
  });

  test('a file of the database of seats', async () => {
    const found = await databaseFiles();
    const label: Needle = { name: 'a group label', text: 'leadership-essentials-' };
    expect(findNeedles([label], found).length).toBeGreaterThan(0);
    expect(findNeedles(needles(), found)).toEqual([]);
  });

  test('a metric or any other answer over HTTP', () => {
    expect(answers.find(({ where }) => where.endsWith('/metrics'))?.text).toContain(
      'dealseat_webhook_events_total',
    );
    expect(findNeedles(needles(), answers)).toEqual([]);
  });
});

test('no address of a contact is in a history, a description, a span or an answer', async () => {
  const found = [...(await histories()), ...described, ...spans(), ...answers];
  expect(findNeedles(people(), found)).toEqual([]);
});

describe('the trace of a run', () => {
  test('has one trace id, every step of it, and its deal and group', () => {
    const [id] = runIds();
    const ofRun = service.spans
      .getFinishedSpans()
      .filter(({ attributes }) => attributes['temporal.workflow_id'] === id && attributes['temporal.run_id']);
    expect(new Set(ofRun.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(new Set(ofRun.map(({ name }) => name))).toEqual(
      new Set(['planDeal', 'ensureCodeGroup', 'attachRoster', 'sendMessages', 'concludeDelivery']),
    );
    const create = ofRun.find(({ name }) => name === 'ensureCodeGroup');
    expect(create?.attributes).toMatchObject({
      'dealseat.crm': 'hubspot',
      'dealseat.group_label': expect.stringMatching(/^acme-leadership/),
    });
  });

  test('has the calls of a step inside the step', () => {
    const all = service.spans.getFinishedSpans();
    const step = all.find(({ name }) => name === 'ensureCodeGroup');
    const calls = all.filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === step?.spanContext().spanId,
    );
    const { hostname, host } = new URL(service.sandbox.ti.url);
    const look = calls.find(({ name }) => name === `GET ${host}`);
    expect(look?.attributes).toMatchObject({
      'server.address': hostname,
      'http.response.status_code': 200,
    });
  });
});
