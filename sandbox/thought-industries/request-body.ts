import type { SandboxRequest } from '../exchange.ts';
import { Refusal } from './refusal.ts';

export type Body = Readonly<Record<string, unknown>>;

export function parseJson(request: SandboxRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not JSON');
  }
}

export function parseObject(request: SandboxRequest): Body {
  const body = parseJson(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'The body must be a JSON object');
  }
  return body as Body;
}

export function textIn(body: Body, name: string): string | null {
  const value = body[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new Refusal(400, `${name} must be a string`);
}

export function flagIn(body: Body, name: string, otherwise: boolean): boolean {
  const value = body[name] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw new Refusal(400, `${name} must be a boolean`);
}

export function idsIn(body: Body, name: string): readonly string[] {
  const value = body[name] ?? [];
  if (Array.isArray(value) && value.every((id) => typeof id === 'string')) return value;
  throw new Refusal(400, `${name} must be a list of ids`);
}
