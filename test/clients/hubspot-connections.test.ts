import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { CallEffect } from '../../src/clients/call.ts';
import { type Connection, connectHubSpot } from '../../src/clients/hubspot/connection.ts';
import { createQuota } from '../../src/clients/hubspot/quota.ts';
import { type Lease, LeaseEnded, underLease } from '../../src/clients/lease.ts';
import { until } from '../support/until.ts';
import { failureOf, openHubSpotAccount } from './hubspot-account.ts';
import { selfSigned } from './self-signed.ts';

const certificate = selfSigned();
const trusted = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trusted, certificate.cert]));
afterAll(() => setDefaultCACertificates(trusted));

const DEAL = JSON.stringify({
  id: '9001',
  properties: {},
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
});

const answer: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
    response.end(DEAL);
  });
};

interface Portal {
  readonly connection: Connection;
  /** How many connections were made. */
  readonly opened: () => number;
  /** The ends of the connections at the portal, oldest first. */
  readonly sockets: readonly Socket[];
  readonly asked: string[];
  /** How requests are answered from now on. */
  respond(listener: RequestListener): void;
}

type Scheme = 'http' | 'https';

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function openPortal(scheme: Scheme = 'http', timeoutMs = 10_000): Promise<Portal> {
  let listener = answer;
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const respond: RequestListener = (request, response) => {
    asked.push(request.method ?? '');
    listener(request, response);
  };
  const server = scheme === 'https' ? createSecureServer(certificate, respond) : createServer(respond);
  // Only the caller decides here how long a connection is kept.
  server.keepAliveTimeout = 0;
  server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const baseUrl = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const quota = createQuota({ maxWaitMs: 1_000 });
  return {
    connection: connectHubSpot({ accessToken: 'pat-na1-test', baseUrl, timeoutMs, quota }),
    opened: () => sockets.length,
    sockets,
    asked,
    respond: (next) => {
      listener = next;
    },
  };
}

function call(
  { connection }: Portal,
  effect: CallEffect,
  { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<unknown> {
  const its = { name: 'the call', effect, answer: z.unknown(), signal, ...(timeoutMs && { timeoutMs }) };
  return connection.call(its, ({ crm: { deals } }) => {
    if (effect === 'read') return deals.basicApi.getById('9001');
    const input = { properties: { dealname: 'x' } };
    return effect === 'create'
      ? deals.basicApi.create({ ...input, associations: [] })
      : deals.basicApi.update('9001', input);
  });
}

/** Makes this many connections that wait for their next calls. */
async function idle(portal: Portal, count: number): Promise<void> {
  const all = Promise.withResolvers<void>();
  portal.respond((request, response) => {
    if (portal.asked.length === count) all.resolve();
    void all.promise.then(() => answer(request, response));
  });
  await Promise.all(Array.from({ length: count }, () => call(portal, 'read')));
  portal.respond(answer);
  portal.asked.length = 0;
}

const EFFECTS = ['read', 'overwrite', 'create'] as const;

describe('calls to HubSpot', () => {
  test.each(['http', 'https'] as const)('in a row use one connection over %s', async (scheme) => {
    const portal = await openPortal(scheme);
    for (let n = 0; n < 4; n += 1) for (const effect of EFFECTS) await call(portal, effect);
    expect(portal.asked).toHaveLength(12);
    expect(portal.opened()).toBe(1);
  });

  test('leave nothing behind on the connection that they share', async () => {
    const sockets: Socket[] = [];
    const note = (message: unknown) => sockets.push((message as { readonly socket: Socket }).socket);
    subscribe('net.client.socket', note);
    try {
      const portal = await openPortal();
      const listeners = () => sockets[0]?.eventNames().map((name) => [name, sockets[0]?.listenerCount(name)]);
      await call(portal, 'read');
      await call(portal, 'create');
      const after2 = listeners();
      for (let n = 0; n < 20; n += 1) await call(portal, 'read');
      expect(listeners()).toEqual(after2);
      expect(sockets).toHaveLength(1);
    } finally {
      unsubscribe('net.client.socket', note);
    }
  });

  test('at the same time do not wait for each other, and their connections serve the next ones', async () => {
    const portal = await openPortal();
    await idle(portal, 5);
    expect(portal.opened()).toBe(5);
    await Promise.all(EFFECTS.map((effect) => call(portal, effect)));
    expect(portal.opened()).toBe(5);
  });

  test('of all kinds of a delivery need one connection of the client, and one of ours', async () => {
    const account = await openHubSpotAccount();
    let opened = 0;
    const count = (message: unknown) => {
      const { localPort } = (message as { readonly socket: Socket }).socket;
      if (String(localPort) === new URL(account.url).port) opened += 1;
    };
    subscribe('net.server.socket', count);
    try {
      await account.crm.writeDealFields('9001', { status: 'Planning' });
      await account.crm.attachRoster({
        dealId: '9001',
        fileName: 'roster-acme-d0123456789abcde.csv',
        csv: Buffer.from('code\r\nCANARY1\r\n'),
        noteHtml: '<p>1 seat</p>',
      });
      await account.crm.writeRedeemLinks(new Map([['6001', 'https://learn.example/redeem/A']]));
      await account.crm.readContact('6001');
      expect(account.requests.length).toBeGreaterThan(5);
      expect(opened).toBe(2);
    } finally {
      unsubscribe('net.server.socket', count);
      await account.close();
    }
  });
});

describe.each(['http', 'https'] as const)('a call that is ended, over %s', (scheme) => {
  const cases = ['a new', 'a kept'].flatMap((kind) => EFFECTS.map((effect) => ({ kind, effect })));
  let portal: Portal;

  beforeEach(async () => {
    portal = await openPortal(scheme);
  });

  /** The connection of the ended call is closed, and another call is none the worse. */
  async function expectNoHarm(kind: string): Promise<void> {
    await until('the connection is closed', () => portal.sockets.every(({ destroyed }) => destroyed));
    expect(portal.opened()).toBe(1);
    expect(portal.asked).toHaveLength(kind === 'a kept' ? 2 : 1);
    portal.respond(answer);
    for (const effect of EFFECTS) await call(portal, effect);
    expect(portal.opened()).toBe(2);
  }

  async function prepare(kind: string): Promise<void> {
    if (kind === 'a kept') await call(portal, 'read');
  }

  const silences: readonly [string, RequestListener][] = [
    ['without an answer', (request) => request.resume()],
    [
      'in the middle of its answer',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"id":');
      },
    ],
  ];
  const deadlines = silences.flatMap(([when, listener]) =>
    ['a new', 'a kept'].map((kind) => [when, kind, listener] as const),
  );

  test.each(deadlines)('by its deadline %s on %s connection', async (_, kind, listener) => {
    await prepare(kind);
    portal.respond(listener);
    const failure = await failureOf(call(portal, 'overwrite', { timeoutMs: 1_000 }));
    expect(failure.message).toContain('no whole answer within 1000 ms');
    await expectNoHarm(kind);
  });

  test.each(cases)('by whoever cancels it on $kind connection: $effect', async ({ kind, effect }) => {
    await prepare(kind);
    const cancel = new AbortController();
    const reason = new Error('the run was cancelled');
    portal.respond(() => cancel.abort(reason));
    expect(await failureOf(call(portal, effect, { signal: cancel.signal }))).toBe(reason);
    await expectNoHarm(kind);
  });

  test.each(cases)('by the size of its answer on $kind connection: $effect', async ({ kind, effect }) => {
    await prepare(kind);
    const piece = 'x'.repeat(1024 * 1024);
    portal.respond((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    const failure = await failureOf(call(portal, effect));
    expect(failure.message).toContain('more than 16777216 bytes');
    await expectNoHarm(kind);
  });

  test.each(['a new', 'a kept'])('by its lease on %s connection, before anything has left', async (kind) => {
    await prepare(kind);
    const lease: Lease = {
      signal: new AbortController().signal,
      isSure: false,
      confirm: async () => undefined,
      word: undefined,
    };
    const before = portal.asked.length;
    await expect(underLease(lease, () => call(portal, 'create'))).rejects.toThrow(LeaseEnded);
    await until('the connection is closed', () => portal.sockets.every(({ destroyed }) => destroyed));
    expect(portal.asked).toHaveLength(before);
    await call(portal, 'create');
    expect(portal.asked).toHaveLength(before + 1);
  });

  test.each(['a new', 'a kept'])('before it has %s connection does not use it', async (kind) => {
    await prepare(kind);
    const before = portal.asked.length;
    const cancel = new AbortController();
    const reason = new Error('cancelled just now');
    const onRequest = () => cancel.abort(reason);
    subscribe('http.client.request.created', onRequest);
    try {
      expect(await failureOf(call(portal, 'create', { signal: cancel.signal }))).toBe(reason);
    } finally {
      unsubscribe('http.client.request.created', onRequest);
    }
    await call(portal, 'create');
    expect(portal.asked).toHaveLength(before + 1);
    await until('only the last one is open', () => portal.sockets.filter((it) => !it.destroyed).length === 1);
  });
});

describe('a kept connection', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await openPortal();
  });

  /** Every connection that is there now breaks when a request comes over it. */
  function breakKept(): void {
    const kept = new Set(portal.sockets);
    portal.respond((request, response) => {
      if (kept.has(request.socket)) request.socket.destroy();
      else answer(request, response);
    });
  }

  test.each(EFFECTS)('that was closed while it was idle is not taken: %s', async (effect) => {
    await idle(portal, 3);
    for (const socket of portal.sockets) socket.destroy();
    await call(portal, effect);
    expect(portal.asked).toHaveLength(1);
  });

  test.each(EFFECTS)('that was closed alone among others is not taken: %s', async (effect) => {
    for (let place = 0; place < 3; place += 1) {
      await idle(portal, 3);
      portal.sockets
        .filter(({ destroyed }) => !destroyed)
        .at(place)
        ?.destroy();
      await call(portal, effect);
      expect(portal.asked).toHaveLength(1);
    }
  });

  test('that breaks as it is taken does not fail a read, which goes once more', async () => {
    await idle(portal, 3);
    breakKept();
    await call(portal, 'read');
    expect(portal.asked).toEqual(['GET', 'GET']);
    expect(portal.opened()).toBe(4);
  });

  test.each([
    ['overwrite', 'crm.unavailable', 'PATCH'],
    ['create', 'crm.outcome_unknown', 'POST'],
  ] as const)(
    'that breaks as it is taken fails the %s, which is not made again',
    async (effect, code, method) => {
      await idle(portal, 1);
      breakKept();
      expect((await failureOf(call(portal, effect))).code).toBe(code);
      expect(portal.asked).toEqual([method]);
      await call(portal, effect);
    },
  );

  test('that breaks in the middle of an answer fails the read', async () => {
    await idle(portal, 1);
    portal.respond((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
      response.write('{"id":', () => response.destroy());
    });
    expect((await failureOf(call(portal, 'read'))).code).toBe('crm.unavailable');
    expect(portal.asked).toEqual(['GET']);
  });

  test('that breaks leads to one more attempt, not to many', async () => {
    await idle(portal, 3);
    portal.respond((request) => request.socket.destroy());
    expect((await failureOf(call(portal, 'read'))).code).toBe('crm.unavailable');
    expect(portal.asked).toEqual(['GET', 'GET']);
  });

  test('is needed for that: a read whose new connection breaks is made once', async () => {
    portal.respond((request) => request.socket.destroy());
    expect((await failureOf(call(portal, 'read'))).code).toBe('crm.unavailable');
    expect(portal.asked).toEqual(['GET']);
  });

  test('is none when the answer says that it is over, or nearly over', async () => {
    for (const [name, value] of [
      ['connection', 'close'],
      ['keep-alive', 'timeout=1'],
    ] as const) {
      const before = portal.opened();
      portal.respond((request, response) => {
        response.setHeader(name, value);
        answer(request, response);
      });
      await call(portal, 'read');
      await call(portal, 'create');
      expect(portal.opened() - before).toBe(2);
    }
  });

  test('closes when nobody uses it for a few seconds', async () => {
    await idle(portal, 2);
    await until('both are closed', () => portal.sockets.every(({ destroyed }) => destroyed), 30_000);
  });

  test('keeps no process alive', async () => {
    const account = await openHubSpotAccount();
    const script = `
      import { subscribe } from 'node:diagnostics_channel';
      import { createHubSpotCrm } from './src/clients/hubspot/crm.ts';
      const sockets = [];
      subscribe('net.client.socket', ({ socket }) => sockets.push(socket));
      process.once('beforeExit', () => {
        console.log(sockets.length > 1 && sockets.every(({ destroyed }) => !destroyed));
        process.exit();
      });
      const crm = createHubSpotCrm({
        accessToken: 'sandbox-hubspot-token',
        portalId: '62515',
        baseUrl: '${account.url}',
      });
      await crm.readContact('6001');
    `;
    try {
      const args = ['--input-type=module-typescript', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      expect(stdout.trim()).toBe('true');
    } finally {
      await account.close();
    }
  });
});
