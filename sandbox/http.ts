import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { PartRunner, SandboxRequest, SandboxResponse } from './exchange.ts';
import type { Fault, FaultPlan, SandboxSystem } from './faults.ts';
import { readRequest, send, sendHalf } from './http-message.ts';
import { givenParts, type PartExchange, Parts } from './parts.ts';
import { rateLimitAnswer } from './rate-limit-answer.ts';

export type { SandboxSystem } from './faults.ts';

export type SandboxHandler = (
  request: SandboxRequest,
  parts?: PartRunner,
) => SandboxResponse | Promise<SandboxResponse>;

/** One line of the request log. Bodies and queries are left out: they hold codes and tokens. */
export interface Exchange {
  readonly system: SandboxSystem;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** Null when the connection was closed without an answer. */
  readonly status: number | null;
  readonly fault: Fault['kind'] | null;
  /** What it asked for, when that was several things in one. */
  readonly parts?: readonly PartExchange[];
}

/** What was asked, one by one: the parts of a request instead of the request that carried them. */
export function askedIn(exchanges: readonly Exchange[]): Exchange[] {
  return exchanges.flatMap(({ parts, ...whole }) =>
    parts === undefined ? [whole] : parts.map((part) => ({ ...whole, ...part })),
  );
}

export interface SandboxServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Listener {
  /** Default: any free port. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
}

export interface ServeOptions extends Listener {
  readonly system: SandboxSystem;
  readonly handler: SandboxHandler;
  readonly faults: FaultPlan;
  readonly onExchange?: (exchange: Exchange) => void;
}

/** Starts one stand-in on HTTP. What `FaultPlan` says goes before what the handler says. */
export function serve(options: ServeOptions): Promise<SandboxServer> {
  const { system, handler, faults, onExchange } = options;
  return start(options, async (request, outgoing) => {
    const { method, path, body } = request;
    const fault = faults.take(system, method, path, body);
    const parts = new Parts(system, faults);
    const status = await carryOut(fault, { system, handle: () => handler(request, parts), parts }, outgoing);
    onExchange?.({
      system,
      at: new Date().toISOString(),
      method,
      path,
      status,
      fault: (fault ?? parts.struckBy)?.kind ?? null,
      ...(parts.exchanges.length > 0 && { parts: parts.exchanges }),
    });
  });
}

/** Starts a handler on HTTP that no fault can strike. */
export function servePlain(options: Listener & { readonly handler: SandboxHandler }): Promise<SandboxServer> {
  return start(options, async (request, outgoing) => {
    send(outgoing, await options.handler(request));
  });
}

async function start(
  { port = 0, host = '127.0.0.1' }: Listener,
  respond: (request: SandboxRequest, outgoing: ServerResponse) => Promise<void>,
): Promise<SandboxServer> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const request = await readRequest(incoming);
      if (request === null) send(outgoing, { status: 400 });
      else await respond(request, outgoing);
    } catch (error) {
      // The caller hung up while sending: nobody is left to answer.
      if (!incoming.complete) return;
      // A bug of the stand-in must not pass for a fault of the real system: say it loudly.
      process.stderr.write(`sandbox: ${incoming.method} failed: ${describe(error)}\n`);
      if (outgoing.headersSent) outgoing.destroy();
      else send(outgoing, { status: 500, body: 'The sandbox itself failed; see its stderr.' });
    }
  });
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

interface Asked {
  readonly system: SandboxSystem;
  readonly handle: () => SandboxResponse | Promise<SandboxResponse>;
  readonly parts: Parts;
}

/** Returns the status that went out, or null when none did. */
async function carryOut(
  fault: Fault | undefined,
  { system, handle, parts }: Asked,
  outgoing: ServerResponse,
): Promise<number | null> {
  switch (fault?.kind) {
    case undefined: {
      const answer = await handle();
      if (parts.cut === undefined) return sendUnlessGone(outgoing, answer);
      return carryOut(parts.cut, { system, handle: () => answer, parts }, outgoing);
    }
    case 'delay':
      await (fault.until ?? wait(fault.delayMs ?? 0));
      return sendUnlessGone(outgoing, await handle());
    case 'dropBefore':
      outgoing.destroy();
      return null;
    case 'dropAfterCommit':
      await handle();
      outgoing.destroy();
      return null;
    case 'truncate':
      return sendHalf(outgoing, await handle(), 'close');
    case 'stall':
      return sendHalf(outgoing, await handle(), 'leave open');
    case 'status':
      if (fault.commit) await handle();
      return send(outgoing, { status: 500, ...givenParts(fault) });
    case 'html':
      if (fault.commit) await handle();
      return send(outgoing, { ...PROXY_PAGE, ...givenParts(fault) });
    case 'rateLimit':
      return send(outgoing, { ...rateLimitAnswer(system), ...givenParts(fault) });
  }
}

/** The caller may have hung up, but what it asked for was carried out all the same. */
function sendUnlessGone(outgoing: ServerResponse, answer: SandboxResponse): number | null {
  return outgoing.destroyed ? null : send(outgoing, answer);
}

const PROXY_PAGE: SandboxResponse = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
};

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
