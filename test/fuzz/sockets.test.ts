import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRig, hubspotDelivery, type Rig, stageEvent } from '../webhooks/fixture.ts';

interface Listening {
  readonly rig: Rig;
  readonly port: number;
}

const open: Rig[] = [];
const sockets = new Set<Socket>();

async function listening(limits: Parameters<typeof createRig>[0] = {}): Promise<Listening> {
  const rig = createRig(limits);
  open.push(rig);
  await rig.app.listen({ host: '127.0.0.1', port: 0 });
  return { rig, port: (rig.app.server.address() as AddressInfo).port };
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(open.splice(0).map(({ app }) => app.close()));
});

interface Client {
  readonly socket: Socket;
  /** All that came back, when the connection is over. */
  readonly answer: Promise<string>;
}

function dial(port: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    const answer = new Promise<string>((done) => socket.on('close', () => done(received)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // The server hangs up on purpose.
      socket.on('error', () => undefined);
      resolve({ socket, answer });
    });
  });
}

/** Sends a byte at a time for as long as the server listens. */
function drip(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 20);
  socket.on('close', () => clearInterval(timer));
}

async function deliver(port: number): Promise<number> {
  const { method, url, headers, payload } = hubspotDelivery({ body: JSON.stringify([stageEvent()]) });
  const { status } = await fetch(`http://127.0.0.1:${port}${url}`, { method, headers, body: payload });
  return status;
}

const HEAD = 'POST /webhooks/hubspot HTTP/1.1\r\nhost: x\r\n';
const { headers: SIGNED } = hubspotDelivery({ body: '[]' });
const SIGNED_HEAD =
  HEAD +
  Object.entries(SIGNED)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

describe('slow senders', () => {
  test.each([
    ['their headers', `${HEAD}x-a: `, 'a'],
    ['headers without end', HEAD, 'a: b\r\n'],
    ['a signed body', `${SIGNED_HEAD}content-length: 100000\r\n\r\n`, ' '],
    ['a body in chunks', `${SIGNED_HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    ['a body that nobody will read', `${HEAD}content-length: 100000\r\n\r\n`, ' '],
  ])(
    'that drip %s are all cut off, and others are answered meanwhile',
    async (_, opening, byte) => {
      const { rig, port } = await listening({ limits: { headersTimeoutMs: 2_000, requestTimeoutMs: 3_000 } });
      const slow = await Promise.all(Array.from({ length: 50 }, () => dial(port)));
      for (const { socket } of slow) {
        socket.write(opening);
        drip(socket, byte);
      }
      expect(await deliver(port)).toBe(200);
      const answers = await Promise.all(slow.map(({ answer }) => answer));
      expect(answers.filter((answer) => /^HTTP\/1\.1 2/.test(answer))).toEqual([]);
      expect(await deliver(port)).toBe(200);
      expect(rig.provisioner.started).toHaveLength(2);
    },
    60_000,
  );

  test('and three hundred silent connections keep no genuine delivery out', async () => {
    const { rig, port } = await listening({ limits: { headersTimeoutMs: 3_000, requestTimeoutMs: 3_000 } });
    const silent = await Promise.all(Array.from({ length: 300 }, () => dial(port)));
    expect(await Promise.all(Array.from({ length: 10 }, () => deliver(port)))).toEqual(Array(10).fill(200));
    await Promise.all(silent.map(({ answer }) => answer));
    expect(rig.provisioner.started).toHaveLength(10);
  }, 60_000);
});

/** A request hidden in or behind another one; it must never be carried out. */
const HIDDEN = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';

describe('a hidden request', () => {
  test.each([
    ['behind a length and chunks', `content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['behind chunks and a length', `transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n`],
    ['behind two lengths', 'content-length: 0\r\ncontent-length: 4\r\n\r\n'],
    ['behind a list of lengths', 'content-length: 0, 4\r\n\r\n'],
    ['behind a length with a sign', 'content-length: +0\r\n\r\n'],
    ['behind a hexadecimal length', 'content-length: 0x0\r\n\r\n'],
    ['behind an empty length', 'content-length: \r\n\r\n'],
    ['behind an endless length', `content-length: ${'9'.repeat(40)}\r\n\r\n`],
    ['behind a coding that is not chunked', 'transfer-encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['behind chunks that are not the last coding', 'transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['behind a blank before the colon', 'transfer-encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['behind a name with a NUL', 'transfer-encoding\u0000: chunked\r\n\r\n0\r\n\r\n'],
    ['behind a chunk size with a sign', 'transfer-encoding: chunked\r\n\r\n-1\r\n\r\n'],
    ['behind a chunk size in another notation', 'transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n'],
    ['behind an endless chunk', `transfer-encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n`],
    ['behind a bare carriage return', 'x: a\rcontent-length: 0\r\n\r\n'],
    ['in a body that nobody reads', `content-length: ${HIDDEN.length}\r\n\r\n`],
  ])(
    '%s is not carried out, and the connection ends',
    async (_, headers) => {
      const { port } = await listening();
      const { socket, answer } = await dial(port);
      socket.end(Buffer.from(`${HEAD}${headers}${HIDDEN}`, 'latin1'));
      const received = await answer;
      expect(received).not.toContain('"status":"ok"');
      expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ 40[01]$/)]);
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    },
    60_000,
  );

  test('that is no hidden one, but a second one on the same connection, is answered: the check can fail', async () => {
    const { port } = await listening();
    const { socket, answer } = await dial(port);
    socket.end(`${HEAD}content-length: 0\r\n\r\n${HIDDEN}`);
    expect((await answer).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
  });
});

test('a sender that never reads its answers does not stop the server', async () => {
  const { rig, port } = await listening();
  const { socket } = await dial(port);
  socket.pause();
  socket.write(HIDDEN.repeat(2_000));
  expect(await deliver(port)).toBe(200);
  expect(rig.provisioner.started).toHaveLength(1);
});
