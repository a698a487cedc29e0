import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import type { SandboxRequest } from '../../sandbox/exchange.ts';
import { type Fault, FaultPlan, type SandboxSystem } from '../../sandbox/faults.ts';
import { type Exchange, type SandboxHandler, serve } from '../../sandbox/http.ts';
import { until } from '../support/until.ts';

const ANSWER = { id: 'made', text: 'x'.repeat(200) };

/** A stand-in that counts what it carried out. */
class Counter {
  readonly seen: SandboxRequest[] = [];
  readonly exchanges: Exchange[] = [];
  readonly faults = new FaultPlan();
  url = '';
  #close = async () => {};

  static async start(handler?: SandboxHandler, system: SandboxSystem = 'ti'): Promise<Counter> {
    const counter = new Counter();
    const server = await serve({
      system,
      faults: counter.faults,
      onExchange: (exchange) => counter.exchanges.push(exchange),
      handler: (incoming) => {
        counter.seen.push(incoming);
        return handler ? handler(incoming) : { status: 201, body: ANSWER };
      },
    });
    counter.url = server.url;
    counter.#close = server.close;
    return counter;
  }

  async get(path = '/thing'): Promise<{ status: number; type: unknown; text: string }> {
    const { statusCode, headers, body } = await request(`${this.url}${path}`);
    return { status: statusCode, type: headers['content-type'], text: await body.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

function fault(changes: Partial<Fault> & Pick<Fault, 'kind'>): Fault {
  return { system: 'ti', ...changes };
}

describe('a request', () => {
  test('reaches the handler with its path decoded, its query, headers and bytes', async () => {
    await using counter = await Counter.start();
    await request(`${counter.url}/a%20b?x=1&x=2`, {
      method: 'POST',
      headers: { 'X-Mixed': 'Case' },
      body: Buffer.from([0, 255]),
    });
    const [seen] = counter.seen;
    expect(seen?.method).toBe('POST');
    expect(seen?.path).toBe('/a b');
    expect(seen?.url.searchParams.getAll('x')).toEqual(['1', '2']);
    expect(seen?.headers['x-mixed']).toBe('Case');
    expect(seen?.body).toEqual(Buffer.from([0, 255]));
  });

  test('with a path that cannot be decoded is refused before the handler', async () => {
    await using counter = await Counter.start();
    expect((await counter.get('/%E0%A4%A')).status).toBe(400);
    expect(counter.seen).toEqual([]);
  });
});

describe('an answer', () => {
  test('that is an object goes out as JSON', async () => {
    await using counter = await Counter.start();
    const { status, type, text } = await counter.get();
    expect({ status, type, json: JSON.parse(text) }).toEqual({
      status: 201,
      type: 'application/json; charset=utf-8',
      json: ANSWER,
    });
  });

  test.each([
    ['text', 'plain', 'plain'],
    ['bytes', Buffer.from('bytes'), 'bytes'],
    ['null', null, ''],
    ['nothing', undefined, ''],
  ])('that is %s claims no type of its own', async (_what, body, expected) => {
    await using counter = await Counter.start(() => ({
      status: 200,
      ...(body === undefined ? {} : { body }),
    }));
    expect(await counter.get()).toEqual({ status: 200, type: undefined, text: expected });
  });
});

describe('a fault', () => {
  test('dropBefore closes the connection and nothing happens', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'dropBefore' }));
    await expect(counter.get()).rejects.toThrow();
    expect(counter.seen).toHaveLength(0);
  });

  test('dropAfterCommit closes the connection after it happened', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'dropAfterCommit' }));
    await expect(counter.get()).rejects.toThrow();
    expect(counter.seen).toHaveLength(1);
  });

  test('truncate promises the whole body, sends half and closes', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'truncate' }));
    const { statusCode, headers, body } = await request(`${counter.url}/thing`);
    expect({ statusCode, length: headers['content-length'] }).toEqual({
      statusCode: 201,
      length: String(JSON.stringify(ANSWER).length),
    });
    await expect(body.text()).rejects.toThrow();
    expect(counter.seen).toHaveLength(1);
  });

  test('stall sends half of the body and then nothing, and does not keep the sandbox from closing', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'stall' }));
    const { statusCode, body } = await request(`${counter.url}/thing`, { bodyTimeout: 50 });
    expect(statusCode).toBe(201);
    await expect(body.text()).rejects.toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });

  test('delay answers as usual, only later', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'delay', delayMs: 60 }));
    const startedAt = performance.now();
    expect((await counter.get()).status).toBe(201);
    expect(performance.now() - startedAt).toBeGreaterThan(50);
  });

  test('delay holds the answer until the test lets it go', async () => {
    await using counter = await Counter.start();
    const held = Promise.withResolvers<void>();
    counter.faults.add(fault({ kind: 'delay', until: held.promise }));
    const answer = counter.get();
    // Answered after the first has come, though it is held.
    await until('the first request has come', () => counter.faults.hits.length === 1);
    expect((await counter.get()).status).toBe(201);
    expect(counter.seen).toHaveLength(1);
    held.resolve();
    expect((await answer).status).toBe(201);
    expect(counter.seen).toHaveLength(2);
  });

  test('delay carries out what its caller has given up, and logs that nobody was answered', async () => {
    await using counter = await Counter.start();
    const held = Promise.withResolvers<void>();
    counter.faults.add(fault({ kind: 'delay', until: held.promise }));
    const caller = new AbortController();
    const answer = request(`${counter.url}/thing`, { signal: caller.signal });
    const gone = expect(answer).rejects.toThrow('abort');
    await until('the request has come', () => counter.faults.hits.length === 1);
    caller.abort();
    await gone;
    // Answered on another connection, after the end of the first one was seen.
    await counter.get();
    held.resolve();
    await until('both are logged', () => counter.exchanges.length === 2);
    expect(counter.exchanges.map(({ fault: kind, status }) => [kind, status])).toEqual([
      [null, 201],
      ['delay', null],
    ]);
    expect(counter.seen).toHaveLength(2);
  });

  test('delay without an end does not keep the sandbox from closing', async () => {
    const counter = await Counter.start();
    counter.faults.add(fault({ kind: 'delay', until: new Promise(() => undefined) }));
    const answer = counter.get();
    const cut = expect(answer).rejects.toThrow();
    await until('the request has come', () => counter.faults.hits.length === 1);
    await counter[Symbol.asyncDispose]();
    await cut;
  });

  test('html answers with the page of a proxy', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'html' }));
    expect(await counter.get()).toMatchObject({ status: 502, type: 'text/html' });
    expect(counter.seen).toHaveLength(0);
  });

  test('status answers with what it was given', async () => {
    await using counter = await Counter.start();
    const headers = { 'Retry-After': '7' };
    counter.faults.add(fault({ kind: 'status', status: 503, body: { errors: ['down'] }, headers }));
    const { statusCode, headers: sent, body } = await request(`${counter.url}/thing`);
    expect({ statusCode, retryAfter: sent['retry-after'], json: await body.json() }).toEqual({
      statusCode: 503,
      retryAfter: '7',
      json: { errors: ['down'] },
    });
  });

  test.each(['status', 'html'] as const)('%s with commit happens all the same', async (kind) => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind, commit: true }));
    expect((await counter.get()).status).toBeGreaterThanOrEqual(500);
    expect(counter.seen).toHaveLength(1);
  });

  test.each([
    ['ti', 429, { error: 'rate_limit_exceeded', retryAfter: 1 }],
    ['hubspot', 429, { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' }],
    ['salesforce', 403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }]],
  ] as const)('rateLimit answers as %s does when its quota is used up', async (system, status, json) => {
    await using counter = await Counter.start(undefined, system);
    counter.faults.add(fault({ system, kind: 'rateLimit' }));
    const answer = await counter.get();
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject(json);
    expect(counter.seen).toHaveLength(0);
  });

  test('shows in the log of exchanges, a dropped one without a status', async () => {
    await using counter = await Counter.start();
    counter.faults.add(fault({ kind: 'dropBefore' }));
    await expect(counter.get('/thing?token=secret')).rejects.toThrow();
    await counter.get();
    expect(counter.exchanges.map(({ path, status, fault }) => ({ path, status, fault }))).toEqual([
      { path: '/thing', status: null, fault: 'dropBefore' },
      { path: '/thing', status: 201, fault: null },
    ]);
  });
});

describe('a fault plan', () => {
  test('strikes once unless told otherwise', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html' }));
    expect(plan.take('ti', 'GET', '/')?.kind).toBe('html');
    expect(plan.take('ti', 'GET', '/')).toBeUndefined();
    expect(plan.active).toEqual([]);
  });

  test('strikes the wanted number of times after the wanted number of misses', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html', after: 1, times: 2 }));
    const struck = [1, 2, 3, 4].map(() => plan.take('ti', 'GET', '/') !== undefined);
    expect(struck).toEqual([false, true, true, false]);
  });

  test('strikes for ever when times is Infinity, until cleared', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html', times: Number.POSITIVE_INFINITY }));
    for (let n = 0; n < 100; n += 1) expect(plan.take('ti', 'GET', '/')).toBeDefined();
    plan.clear();
    expect(plan.take('ti', 'GET', '/')).toBeUndefined();
    expect(plan.hits).toHaveLength(100);
  });

  test('strikes only the named system, method and path, even with a global expression', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html', method: 'POST', path: /codes$/g, times: 2 }));
    expect(plan.take('hubspot', 'POST', '/codes')).toBeUndefined();
    expect(plan.take('ti', 'GET', '/codes')).toBeUndefined();
    expect(plan.take('ti', 'POST', '/codes/1')).toBeUndefined();
    expect(plan.take('ti', 'POST', '/codes')).toBeDefined();
    expect(plan.take('ti', 'POST', '/codes')).toBeDefined();
  });

  test('strikes only requests whose body it is meant for', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html', when: (body) => body === 'this one' }));
    expect(plan.take('ti', 'POST', '/codes', Buffer.from('another one'))).toBeUndefined();
    expect(plan.take('ti', 'POST', '/codes', Buffer.from('this one'))).toBeDefined();
  });

  test('carries out faults in the order in which they were added', () => {
    const plan = new FaultPlan();
    plan.add(fault({ kind: 'html' }));
    plan.add(fault({ kind: 'stall' }));
    expect([plan.take('ti', 'GET', '/')?.kind, plan.take('ti', 'GET', '/')?.kind]).toEqual(['html', 'stall']);
  });
});
