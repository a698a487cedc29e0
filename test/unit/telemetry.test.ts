import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { DealseatError } from '../../src/domain/failure.ts';
import { dealAttributes, inSpan } from '../../src/observability/telemetry.ts';
import { startTelemetry, type Telemetry } from '../../src/observability/telemetry-export.ts';
import { recordNoSpans } from '../support/record-no-spans.ts';

/** So many spans are sent at once, without waiting for more. */
const BATCH = 512;

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number; readonly message?: string };
  readonly events?: readonly unknown[];
}

/** Plays the collector on `/v1/traces` and a remote system everywhere else. */
let server: Server;
let url: string;
let telemetry: Telemetry | null;
const bodies: string[] = [];
/** Runs before the collector answers: wait here. */
let beforeAnswer: () => Promise<void> = async () => {};

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    if (incoming.url === '/v1/traces') {
      bodies.push(await text(incoming));
      await beforeAnswer();
    }
    outgoing.writeHead(incoming.url === '/v1/traces' ? 200 : 418).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  telemetry = await startTelemetry();
});

afterAll(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  recordNoSpans();
  server.closeAllConnections();
  server.close();
});

/** The spans that reached the collector, sent or not until now. */
async function sentSpans(): Promise<SentSpan[]> {
  await telemetry?.flush();
  interface Sent {
    readonly resourceSpans: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
    }[];
  }
  return bodies.flatMap((body) =>
    (JSON.parse(body) as Sent).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
}

async function spanOf(name: string): Promise<SentSpan> {
  const span = (await sentSpans()).find((sent) => sent.name === name);
  if (span === undefined) throw new Error(`no span ${name} reached the collector`);
  return span;
}

function valuesOf({ attributes }: SentSpan): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

describe('with a collector named by OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  test('a step reaches it with the deal it is about, under the name of the service', async () => {
    const deal = { crm: 'hubspot', account: '62515', dealId: '9001' } as const;
    const result = await inSpan({ name: 'a step', attributes: dealAttributes(deal) }, async () => 'done');
    expect(result).toBe('done');
    expect(valuesOf(await spanOf('a step'))).toEqual({
      'dealseat.crm': 'hubspot',
      'dealseat.account': '62515',
      'dealseat.deal_id': '9001',
    });
    expect(bodies.join()).toContain('{"key":"service.name","value":{"stringValue":"dealseat"}}');
  });

  test('a failed step tells its code and not its message, which may quote a vendor', async () => {
    const failing = inSpan({ name: 'a failing step', attributes: {} }, async () => {
      throw new DealseatError({ code: 'lms.rate_limited', message: 'canary' });
    });
    await expect(failing).rejects.toThrow('canary');
    const span = await spanOf('a failing step');
    expect(valuesOf(span)).toEqual({ 'error.type': 'lms.rate_limited' });
    expect(JSON.stringify(span)).not.toContain('canary');
    expect(span.status.code).toBe(2);
  });

  test('a bug tells the name of its class', async () => {
    const failing = inSpan({ name: 'a bug', attributes: {} }, async () => {
      throw new TypeError('canary');
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(valuesOf(await spanOf('a bug'))).toEqual({ 'error.type': 'TypeError' });
  });

  test.each<[string, (address: string) => Promise<unknown>]>([
    ['undici', (address) => request(address, { method: 'GET' }).then(({ body }) => body.text())],
    ['fetch', (address) => fetch(address).then((answer) => answer.text())],
  ])(
    'a call by %s stands inside its step, with host and status and nothing of its address',
    async (name, call) => {
      await inSpan({ name: `step by ${name}`, attributes: {} }, () =>
        call(`${url}/redeem/canary?token=canary`),
      );
      const { spanId, traceId } = await spanOf(`step by ${name}`);
      const calls = (await sentSpans()).filter(({ parentSpanId }) => parentSpanId === spanId);
      expect(calls.map((span) => [span.name, span.traceId])).toEqual([[`GET ${new URL(url).host}`, traceId]]);
      expect(calls.map(valuesOf)).toEqual([
        {
          'http.request.method': 'GET',
          'server.address': '127.0.0.1',
          'http.response.status_code': 418,
          'error.type': '418',
        },
      ]);
      expect(bodies.join()).not.toContain('canary');
    },
  );

  test('a call that got no answer says why', async () => {
    await inSpan({ name: 'step into the void', attributes: {} }, () =>
      request('http://127.0.0.1:9/').catch(() => undefined),
    );
    const { spanId } = await spanOf('step into the void');
    const [call] = (await sentSpans()).filter(({ parentSpanId }) => parentSpanId === spanId);
    expect(call && valuesOf(call)).toMatchObject({
      'error.type': expect.stringMatching(/^(ECONNREFUSED|UND_ERR)/),
    });
  });

  test('a call outside of every step makes no span', async () => {
    const before = (await sentSpans()).length;
    await fetch(`${url}/outside`);
    expect(await sentSpans()).toHaveLength(before);
  });

  test('it is started once, whoever asks', async () => {
    expect(await startTelemetry()).toBe(telemetry);
  });

  test('a stop waits for a batch that is on its way already', async () => {
    await telemetry?.flush();
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    beforeAnswer = () => {
      arrived.resolve();
      return answer.promise;
    };
    for (let n = 0; n < BATCH; n += 1) await inSpan({ name: 'one of many', attributes: {} }, async () => n);
    await arrived.promise;
    let isFlushed = false;
    const flushed = telemetry?.flush().then(() => {
      isFlushed = true;
    });
    await turn();
    expect(isFlushed).toBe(false);
    answer.resolve();
    await flushed;
  });

  test('a collector that is down keeps nobody from stopping', async () => {
    server.closeAllConnections();
    server.close();
    await inSpan({ name: 'unheard', attributes: {} }, async () => undefined);
    await expect(telemetry?.flush()).resolves.toBeUndefined();
  });
});
