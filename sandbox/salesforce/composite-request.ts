import { isObject } from './api-call.ts';
import { ApiError } from './api-error.ts';
import { hasReference } from './references.ts';
import type { Body } from './validate.ts';

/** One call of a composite, before its references are resolved. */
export interface Part {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
}

export interface CompositeRequest {
  readonly parts: readonly Part[];
  readonly allOrNone: boolean;
  /** Calls of one kind may be carried out in any order. */
  readonly isCollated: boolean;
}

const MAX_PARTS = 25;
/** Of queries and collections. */
const MAX_BULKY_PARTS = 5;

const KNOWN_KEYS = ['allOrNone', 'compositeRequest'];
/** First by whom asks for it, then unless it is declined. */
const COLLATION = { since: 48, byDefaultSince: 49 };
const KNOWN_PART_KEYS = ['method', 'url', 'referenceId', 'body', 'httpHeaders'];
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
/** Every part has those of the whole. */
const INHERITED = ['accept', 'authorization', 'content-type'];

const RESOURCE = /^\/services\/data\/v\d{2}\.0\/(.+)$/;
const BULKY = /^(query|queryAll)([/?]|$)|^composite\/sobjects([/?]|$)/;
const RECORDS = /^sobjects([/?]|$)/;
/** Fields that are files are fetched alone. */
const FILE = /^sobjects\/ContentVersion\/[^/]+\/VersionData/i;

/** Refuses as a whole what is malformed: then no part is carried out. */
export function readComposite(body: Body, version: number): CompositeRequest {
  const isCollated = version >= COLLATION.byDefaultSince;
  const { allOrNone = false, collateSubrequests = isCollated, compositeRequest } = body;
  refuseUnknown(body, [...KNOWN_KEYS, ...(version >= COLLATION.since ? ['collateSubrequests'] : [])]);
  if (typeof allOrNone !== 'boolean' || typeof collateSubrequests !== 'boolean') {
    throw malformed('allOrNone and collateSubrequests must be booleans');
  }
  if (!Array.isArray(compositeRequest) || compositeRequest.length === 0) {
    throw malformed('compositeRequest must be a list of at least one subrequest');
  }
  if (compositeRequest.length > MAX_PARTS) throw tooMany(MAX_PARTS, 'subrequests');
  const parts = compositeRequest.map(readPart);
  if (parts.filter(({ url }) => BULKY.test(resourceOf(url))).length > MAX_BULKY_PARTS) {
    throw tooMany(MAX_BULKY_PARTS, 'subrequests that are queries or collections');
  }
  if (new Set(parts.map(({ referenceId }) => referenceId)).size < parts.length) {
    throw malformed('every referenceId may be given once');
  }
  return { parts, allOrNone, isCollated: collateSubrequests };
}

function readPart(value: unknown): Part {
  if (!isObject(value)) throw malformed('a subrequest must be an object');
  refuseUnknown(value, KNOWN_PART_KEYS);
  const { method, url, referenceId, body, httpHeaders = {} } = value;
  if (typeof method !== 'string' || !METHODS.includes(method)) {
    throw malformed(`the method of a subrequest must be one of ${METHODS.join(', ')}`);
  }
  if (typeof referenceId !== 'string' || !/^[A-Za-z0-9]\w*$/.test(referenceId)) {
    throw malformed(
      `Provided referenceId ('${String(referenceId)}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    );
  }
  if (typeof url !== 'string' || !isTaken(resourceOf(url))) {
    throw malformed(`the resource of the subrequest ${referenceId} can be no part of a composite`);
  }
  const isWithoutBody = method === 'GET' || method === 'DELETE';
  if (isWithoutBody ? body !== undefined : !isObject(body)) {
    throw malformed(
      `the subrequest ${referenceId} must have ${isWithoutBody ? 'no body' : 'an object as body'}`,
    );
  }
  return { method, url, referenceId, body, httpHeaders: readHeaders(httpHeaders) };
}

function isTaken(resource: string): boolean {
  return BULKY.test(resource) || (RECORDS.test(resource) && !FILE.test(resource));
}

function resourceOf(url: string): string {
  return RESOURCE.exec(url)?.[1] ?? '';
}

function readHeaders(headers: unknown): Record<string, string> {
  if (!isObject(headers)) throw malformed('httpHeaders must be an object of texts');
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || INHERITED.includes(name.toLowerCase())) {
      throw malformed(`a subrequest takes no header ${name}`);
    }
  }
  return headers as Record<string, string>;
}

/**
 * Neighbours of one method on records are bulkified unless they have headers or use each other's answers, and nobody
 * knows in which order; here it is the wrong one.
 */
export function inOrderOfExecution(parts: readonly Part[]): Part[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last?.[0] && isCollatedWith(last[0], part)) last.unshift(part);
    else groups.push([part]);
  }
  return groups.flat();
}

function isCollatedWith(one: Part, other: Part): boolean {
  return (
    one.method === other.method &&
    [one, other].every(
      (part) =>
        RECORDS.test(resourceOf(part.url)) &&
        Object.keys(part.httpHeaders).length === 0 &&
        !hasReference([part.url, part.body]),
    )
  );
}

function refuseUnknown(body: Body, known: readonly string[]): void {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw malformed(`Unrecognized field "${unknown}"`);
}

function tooMany(limit: number, what: string): ApiError {
  return new ApiError(400, 'LIMIT_EXCEEDED', `a composite request takes at most ${limit} ${what}`);
}

function malformed(message: string): ApiError {
  return new ApiError(400, 'JSON_PARSER_ERROR', message);
}
