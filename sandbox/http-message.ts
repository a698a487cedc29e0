import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxRequest, SandboxResponse } from './exchange.ts';

/** Null when the URL cannot be decoded. */
export async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | null> {
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

/** Returns the status that went out. */
export function send(outgoing: ServerResponse, response: SandboxResponse): number {
  if (response.stream) return sendStream(outgoing, response, response.stream);
  const body = encode(response);
  outgoing.writeHead(response.status, headersFor(response, body));
  outgoing.end(body);
  return response.status;
}

function sendStream(
  outgoing: ServerResponse,
  { status, headers }: SandboxResponse,
  stream: NonNullable<SandboxResponse['stream']>,
): number {
  const closed = new AbortController();
  outgoing.once('close', () => closed.abort());
  outgoing.writeHead(status, { ...headers });
  stream((text) => outgoing.write(text), closed.signal);
  return status;
}

/** Announces the whole body and sends half; then closes, or leaves the caller waiting. */
export function sendHalf(
  outgoing: ServerResponse,
  response: SandboxResponse,
  then: 'close' | 'leave open',
): number {
  const body = encode(response);
  outgoing.writeHead(response.status, headersFor(response, body));
  outgoing.flushHeaders();
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (then === 'close') outgoing.destroy();
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
