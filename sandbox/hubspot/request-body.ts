import type { SandboxRequest } from '../exchange.ts';
import { HubSpotRefusal, invalid } from './answers.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The parsed JSON body; refuses what HubSpot refuses before any endpoint looks at it. */
export function readJson(request: SandboxRequest): unknown {
  if (request.body.length === 0) {
    throw invalid('Invalid JSON input: a request body was expected, but none found');
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new HubSpotRefusal(415, 'Unsupported Media Type: expected application/json', {
      category: 'VALIDATION_ERROR',
    });
  }
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw invalid('Invalid input JSON on line 1, column 1: the body is not valid JSON');
  }
}

export function readJsonObject(request: SandboxRequest): JsonObject {
  return asObject(readJson(request), 'body');
}

export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrongType(where, 'an object', value);
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(where, 'an array', value);
}

export function asString(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(where, 'a string', value);
}

export function asStrings(value: unknown, where: string): readonly string[] {
  return asArray(value, where).map((item, index) => asString(item, `${where}[${index}]`));
}

/** Ids go over the wire as text or as numbers. */
export function asId(value: unknown, where: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string' && value !== '') return value;
  throw wrongType(where, 'an id', value);
}

export function asInteger(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrongType(where, 'an integer', value);
}

export function optional<T>(
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => T,
): T | null {
  return value === undefined || value === null ? null : read(value, where);
}

/** HubSpot names every required field that is absent in one message. */
export function requireFields(body: JsonObject, names: readonly string[], what: string): void {
  const absent = names.filter((name) => body[name] === undefined || body[name] === null);
  if (absent.length === 0) return;
  throw invalid(
    `Invalid input JSON on line 1, column 1: Cannot build ${what}, some of required attributes are not set [${absent.join(', ')}]`,
  );
}

function wrongType(where: string, expected: string, value: unknown): HubSpotRefusal {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return invalid(`Invalid input JSON on line 1, column 1: ${where} must be ${expected}, found ${found}`);
}

/** Repeated parameters and comma lists mean the same. */
export function queryList(url: URL, name: string): readonly string[] {
  return url.searchParams
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

export function queryInteger(
  url: URL,
  name: string,
  bounds: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = url.searchParams.get(name);
  if (text === null) return bounds.fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < bounds.min || value > bounds.max) {
    throw invalid(`${name} must be an integer from ${bounds.min} to ${bounds.max}, found "${text}"`);
  }
  return value;
}
