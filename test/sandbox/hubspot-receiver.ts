import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

export interface Received {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The parsed events. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
}

/** Where a redirect would lead, and what is sent there is accepted. */
const MOVED = '/moved';

const running: (() => void)[] = [];

afterEach(() => {
  for (const close of running.splice(0)) close();
});

/** A webhook endpoint that keeps what it gets; `answer` decides the status, or null to hang up. */
export async function startReceiver(answer: (nth: number) => number | null = () => 204): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === MOVED) return void response.writeHead(204).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    received.push({ headers: request.headers, body, events: JSON.parse(body) });
    const status = answer(received.length);
    if (status === null) response.destroy();
    else response.writeHead(status, status === 302 ? { location: MOVED } : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/hubspot`, received };
}

/** Takes requests and never answers. */
export async function startSilentReceiver(): Promise<{
  readonly url: string;
  readonly firstRequest: Promise<unknown>;
}> {
  const server = createServer(() => {});
  const firstRequest = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, firstRequest };
}
