import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type HttpRequest, httpRequest, TransportError } from '../../src/clients/http.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  closers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

function get(url: string, options: Partial<HttpRequest> = {}) {
  return httpRequest({ method: 'GET', url, timeoutMs: 10_000, ...options });
}

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw new Error(`expected a TransportError, got ${String(error)}`);
  return error;
}

describe('an answer', () => {
  test('comes back whole, with header names in lower case and the first of repeated headers', async () => {
    const url = await serve((_, response) => {
      response.writeHead(201, [
        ['X-RateLimit-Limit', '60'],
        ['X-Twice', 'first'],
        ['X-Twice', 'second'],
      ]);
      response.write('one ');
      response.end('two');
    });
    const answer = await get(url);
    expect(answer.status).toBe(201);
    expect(answer.body.toString()).toBe('one two');
    expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '60', 'x-twice': 'first' });
  });

  test('follows what was sent: method, headers and body arrive as given', async () => {
    const url = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end(`${request.method} ${request.headers['x-mark']} ${Buffer.concat(chunks)}`);
    });
    const answer = await get(url, { method: 'POST', headers: { 'X-Mark': 'm' }, body: 'payload' });
    expect(answer.body.toString()).toBe('POST m payload');
  });

  test.each([301, 302, 303, 307, 308])('of %i is handed back, not followed', async (status) => {
    let calls = 0;
    const url = await serve((_, response) => {
      calls += 1;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect((await get(url)).status).toBe(status);
    expect(calls).toBe(1);
  });
});

describe('no whole answer', () => {
  test('a refused connection was not sent', async () => {
    const port = await listen(createSocketServer());
    await closers.pop()?.();
    expect(await failure(get(`http://127.0.0.1:${port}/x`))).toMatchObject({
      reason: 'unreachable',
      mayHaveBeenSent: false,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a handshake that is cut off was not sent', async () => {
    const port = await listen(createSocketServer((socket) => socket.destroy()));
    expect(await failure(get(`https://127.0.0.1:${port}/x`))).toMatchObject({
      reason: 'unreachable',
      mayHaveBeenSent: false,
    });
  });

  test('a handshake that never ends meets the deadline and was not sent', async () => {
    const port = await listen(createSocketServer(() => {}));
    expect(await failure(get(`https://127.0.0.1:${port}/x`, { timeoutMs: 100 }))).toMatchObject({
      reason: 'timeout',
      mayHaveBeenSent: false,
    });
  });

  test('a reset after the request may have been sent', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await failure(get(url))).toMatchObject({ reason: 'interrupted', mayHaveBeenSent: true });
  });

  test('a server that falls silent meets the deadline', async () => {
    let calls = 0;
    const url = await serve((_, response) => {
      calls += 1;
      if (calls === 1) response.end();
    });
    // The time counts from before there is a connection; with one open, all of it is for the answer.
    await get(url);
    expect(await failure(get(url, { timeoutMs: 100 }))).toMatchObject({
      reason: 'timeout',
      mayHaveBeenSent: true,
      message: expect.stringContaining('within 100 ms'),
    });
  });

  test('the deadline covers the body: headers and half a body are not enough', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half.');
    });
    expect(await failure(get(url, { timeoutMs: 150 }))).toMatchObject({ reason: 'timeout' });
  });

  test.each([{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }])(
    'a body cut short under %j is no answer',
    async (headers) => {
      const url = await serve((_, response) => {
        response.writeHead(200, headers);
        response.write('half', () => response.destroy());
      });
      expect(await failure(get(url))).toMatchObject({ reason: 'interrupted', mayHaveBeenSent: true });
    },
  );

  test('an answer that is not HTTP is no answer, and is not shown', async () => {
    const port = await listen(createSocketServer((socket) => socket.end('code ab12cd34\r\n')));
    const error = await failure(get(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ reason: 'interrupted', mayHaveBeenSent: true });
    expect(inspect(error)).not.toContain('ab12cd34');
  });

  test('a body above the limit is refused and its connection closed', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      request.socket.on('close', () => closed.resolve());
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(1024)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await failure(get(url, { maxBytes: 4096 }))).toMatchObject({
      reason: 'too_large',
      mayHaveBeenSent: true,
    });
    await closed.promise;
  });
});

describe('cancellation', () => {
  /** Looks like a failure of the network, so that mistaking it for one shows. */
  const cancellation = () => Object.assign(new Error('deal cancelled'), { code: 'ECONNRESET' });

  test('before the call throws the reason and sends nothing', async () => {
    let calls = 0;
    const url = await serve((_, response) => {
      calls += 1;
      response.end();
    });
    const reason = cancellation();
    await expect(get(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(calls).toBe(0);
  });

  test('while the server is silent throws the reason', async () => {
    const reason = cancellation();
    const controller = new AbortController();
    const url = await serve(() => controller.abort(reason));
    await expect(get(url, { signal: controller.signal })).rejects.toBe(reason);
  });

  test('in the middle of the body throws the reason', async () => {
    const reason = cancellation();
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half.', () => controller.abort(reason));
    });
    await expect(get(url, { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('what a failure tells', () => {
  test('the call, without its query and headers', async () => {
    const url = await serve((request) => request.socket.destroy());
    const error = await failure(
      get(`${url}/lists/1?apiKey=secret-1`, { headers: { authorization: 'Bearer secret-2' } }),
    );
    expect(error.message).toContain('/lists/1');
    expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/secret-/);
  });

  test('a mistake in the call stays a bug', async () => {
    const url = await serve((_, response) => response.end());
    const outcome = get(url, { headers: { 'bad name': 'x' } });
    await expect(outcome).rejects.not.toBeInstanceOf(TransportError);
    await expect(get('not a url')).rejects.toThrow('Invalid URL');
  });
});
