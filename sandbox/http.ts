import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, FaultPlan, SandboxSystem } from './faults.ts';
import { rateLimitAnswer } from './rate-limit-answer.ts';

export type { SandboxSystem } from './faults.ts';

export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  /** The decoded path, without the query. */
  readonly path: string;
  /** Names in lower case; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SandboxResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object | null;
}

export type SandboxHandler = (request: SandboxRequest) => SandboxResponse | Promise<SandboxResponse>;

/** One line of the request log. Bodies and queries are left out: they hold codes and tokens. */
export interface Exchange {
  readonly system: SandboxSystem;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** Null when the connection was closed without an answer. */
  readonly status: number | null;
  readonly fault: Fault['kind'] | null;
}

export interface SandboxServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly system: SandboxSystem;
  readonly handler: SandboxHandler;
  readonly faults: FaultPlan;
  /** Default: any free port. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
  readonly onExchange?: (exchange: Exchange) => void;
}

/** Starts one stand-in on HTTP. What `FaultPlan` says goes before what the handler says. */
export async function serve(options: ServeOptions): Promise<SandboxServer> {
  const server = createServer((incoming, outgoing) => {
    answer(options, incoming, outgoing).catch((error: unknown) => {
      // The caller hung up while sending: nobody is left to answer.
      if (!incoming.complete) return;
      // A bug of the stand-in must not pass for a fault of the real system: say it loudly.
      process.stderr.write(`sandbox ${options.system}: ${describeBug(error)}\n`);
      if (!outgoing.headersSent)
        send(outgoing, { status: 500, body: 'The sandbox itself failed; see stderr.' });
      else outgoing.destroy();
    });
  });
  return listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
}

export async function listen(server: Server, port: number, host: string): Promise<SandboxServer> {
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      // Stalled answers would keep the server open for ever.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  options: ServeOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  if (request === null) {
    send(outgoing, { status: 400, body: '' });
    return;
  }
  const { system, handler, faults } = options;
  const fault = faults.take(system, request.method, request.path);
  const status = await carryOut(fault, request, system, handler, outgoing);
  options.onExchange?.({
    system,
    at: new Date().toISOString(),
    method: request.method,
    path: request.path,
    status,
    fault: fault?.kind ?? null,
  });
}

/** Returns the status that went out, or null when none did. */
async function carryOut(
  fault: Fault | undefined,
  request: SandboxRequest,
  system: SandboxSystem,
  handler: SandboxHandler,
  outgoing: ServerResponse,
): Promise<number | null> {
  switch (fault?.kind) {
    case undefined:
      return send(outgoing, await handler(request));
    case 'delay':
      await wait(fault.delayMs ?? 0);
      return send(outgoing, await handler(request));
    case 'dropBefore':
      outgoing.destroy();
      return null;
    case 'dropAfterCommit':
      await handler(request);
      outgoing.destroy();
      return null;
    case 'truncate':
    case 'stall':
      return sendHalf(outgoing, await handler(request), fault.kind === 'truncate');
    case 'status':
    case 'html':
      if (fault.commit) await handler(request);
      return send(outgoing, fault.kind === 'html' ? proxyPage(fault) : statusAnswer(fault));
    case 'rateLimit':
      return send(outgoing, { ...rateLimitAnswer(system), ...givenParts(fault) });
  }
}

function statusAnswer(fault: Fault): SandboxResponse {
  return { status: 500, ...givenParts(fault) };
}

function proxyPage(fault: Fault): SandboxResponse {
  return {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
    ...givenParts(fault),
  };
}

function givenParts(fault: Fault): Partial<SandboxResponse> {
  return {
    ...(fault.status === undefined ? {} : { status: fault.status }),
    ...(fault.headers === undefined ? {} : { headers: fault.headers }),
    ...(fault.body === undefined ? {} : { body: fault.body }),
  };
}

/** Null when the URL cannot be decoded. */
async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const target = `http://${incoming.headers.host ?? 'sandbox'}${incoming.url ?? '/'}`;
  const url = URL.canParse(target) ? new URL(target) : null;
  const path = url && decode(url.pathname);
  if (!url || path === null) return null;
  return {
    method: incoming.method ?? 'GET',
    url,
    path,
    headers: flatten(incoming.headers),
    body: Buffer.concat(chunks),
  };
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}

function send(outgoing: ServerResponse, response: SandboxResponse): number {
  const body = encode(response);
  outgoing.writeHead(response.status, headersFor(response, body));
  outgoing.end(body);
  return response.status;
}

/** Announces the whole body and sends half; then closes, or leaves the caller waiting. */
function sendHalf(outgoing: ServerResponse, response: SandboxResponse, close: boolean): number {
  const body = encode(response);
  outgoing.writeHead(response.status, headersFor(response, body));
  const half = body.subarray(0, Math.floor(body.length / 2));
  outgoing.flushHeaders();
  outgoing.write(half, () => {
    if (close) outgoing.destroy();
  });
  return response.status;
}

function encode({ body }: SandboxResponse): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function headersFor({ status, headers, body }: SandboxResponse, encoded: Buffer): Record<string, string> {
  const result: Record<string, string> = {};
  if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) {
    result['content-type'] = 'application/json; charset=utf-8';
  }
  for (const [name, value] of Object.entries(headers ?? {})) result[name.toLowerCase()] = value;
  // RFC 9110 forbids the length on 204.
  if (status !== 204) result['content-length'] = String(encoded.length);
  return result;
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
