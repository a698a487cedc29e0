import type { PartRunner, SandboxRequest, SandboxResponse } from '../exchange.ts';
import { ApiError, methodNotAllowed } from './api-error.ts';
import type { SalesforceState } from './state.ts';
import type { Body } from './validate.ts';

/** One REST call whose version and session have been found good. */
export interface ApiCall {
  readonly state: SalesforceState;
  readonly request: SandboxRequest;
  /** As in the path: `66.0`. */
  readonly apiVersion: string;
  /** The decoded parts of the path after the version. */
  readonly segments: readonly string[];
  readonly parts: PartRunner;
}

export function ok(body: object): SandboxResponse {
  return { status: 200, body };
}

export function allowMethods({ request }: ApiCall, allowed: readonly string[]): void {
  if (!allowed.includes(request.method)) throw methodNotAllowed(request.method, allowed);
}

/** Refuses query parameters that the resource does not know: a misspelt one would be ignored silently. */
export function allowParameters({ request }: ApiCall, allowed: readonly string[]): void {
  for (const name of request.url.searchParams.keys()) {
    if (!allowed.includes(name)) {
      throw new ApiError(400, 'UNKNOWN_PARAMETER', `Unknown query parameter: ${name}`);
    }
  }
}

/** Of text, files in base64 included; larger files go by multipart. */
const MAX_JSON_BYTES = 50 * 1024 * 1024;

export function jsonBody({ request }: ApiCall): Body {
  requireJson(request);
  if (request.body.length > MAX_JSON_BYTES) {
    throw new ApiError(
      413,
      'REQUEST_TOO_LARGE',
      `Maximum size of request reached. Maximum size of request is ${MAX_JSON_BYTES} bytes.`,
    );
  }
  const value = parseJson(request.body.toString('utf8'));
  if (isObject(value)) return value;
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'Unexpected value: a JSON object was expected');
}

function requireJson(request: SandboxRequest): void {
  const type = request.headers['content-type'] ?? '';
  if (/^application\/json(;|$)/i.test(type)) return;
  throw new ApiError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Type header specified in HTTP request is not supported: ${type}`,
  );
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'Unexpected character or end of input in the JSON body');
  }
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
