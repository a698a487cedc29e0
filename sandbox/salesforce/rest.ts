import type { PartRunner, SandboxRequest, SandboxResponse } from '../exchange.ts';
import { type ApiCall, allowMethods, allowParameters, ok } from './api-call.ts';
import { ApiError, notFound } from './api-error.ts';
import { answerCollections, answerRetrieve } from './collections.ts';
import { answerComposite } from './composite.ts';
import { describeObject } from './describe.ts';
import { answerEmailSimple } from './email-simple.ts';
import { answerFile, answerObject, answerRecord } from './record-resource.ts';
import type { ObjectType } from './schema.ts';
import { runSoql } from './soql/run.ts';
import type { SalesforceState } from './state.ts';

const SUPPORTED = { from: 41, to: 68 };
const RETIRED = { from: 21, to: 30 };
const MAX_URL_BYTES = 16_384;

interface RestRequest {
  readonly request: SandboxRequest;
  /** After `/services/data`. */
  readonly segments: readonly string[];
  readonly parts: PartRunner;
}

/** `/services/data/v<version>/…`: the guards every REST call passes, then the resource. */
export async function answerRest(state: SalesforceState, rest: RestRequest): Promise<SandboxResponse> {
  const answer = await orRefusal(() => dispatch(admit(state, rest)));
  return withUsage(state, answer);
}

async function orRefusal(
  respond: () => SandboxResponse | Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof ApiError) return error.toResponse();
    throw error;
  }
}

/** `GET /services/data/`: needs no session and counts as no call. */
export function answerVersions(): SandboxResponse {
  const releases = ["Winter '26", "Spring '26", "Summer '26", "Winter '27"];
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: releases.map((label, index) => ({
      label,
      url: `/services/data/v${65 + index}.0`,
      version: `${65 + index}.0`,
    })),
  };
}

function admit(state: SalesforceState, { request, segments, parts }: RestRequest): ApiCall {
  const call = { ...addressed(request, segments), state, parts };
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined || !state.tokens.use(token)) {
    throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  if (state.apiCalls >= state.settings.dailyCalls) {
    throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
  }
  state.apiCalls += 1;
  return call;
}

function addressed(
  request: SandboxRequest,
  segments: readonly string[],
): Pick<ApiCall, 'request' | 'apiVersion' | 'segments'> {
  const [versionSegment = '', ...rest] = segments;
  const [, major = ''] = /^v(\d{2})\.0$/.exec(versionSegment) ?? [];
  const version = Number(major);
  if (version >= RETIRED.from && version <= RETIRED.to) {
    throw new ApiError(410, 'GONE', 'The requested API version has been retired');
  }
  if (!(version >= SUPPORTED.from && version <= SUPPORTED.to)) throw notFound();
  if (Buffer.byteLength(request.url.pathname + request.url.search) > MAX_URL_BYTES) {
    throw new ApiError(414, 'URI_TOO_LONG', 'The URI exceeds the limit of 16,384 bytes');
  }
  return { request, apiVersion: `${major}.0`, segments: rest };
}

function withUsage(state: SalesforceState, response: SandboxResponse): SandboxResponse {
  const headers: Record<string, string> = {
    'sforce-limit-info': `api-usage=${state.apiCalls}/${state.settings.dailyCalls}`,
    ...response.headers,
  };
  const { body } = response;
  if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) {
    headers['content-type'] = 'application/json;charset=UTF-8';
  }
  return { ...response, headers };
}

function dispatch(call: ApiCall): SandboxResponse | Promise<SandboxResponse> {
  const [resource, ...rest] = call.segments;
  switch (resource) {
    case 'limits':
      return answerLimits(call, rest);
    case 'query':
    case 'queryAll':
      return answerQuery(call, rest, { withBin: resource === 'queryAll' });
    case 'sobjects':
      return answerSobjects(call, rest);
    case 'composite':
      return rest.length === 0
        ? answerComposite(call, (part) => answerPart(call, part))
        : answerCollection(call, rest);
    case 'actions':
      if (rest.join('/') === 'standard/emailSimple') return answerEmailSimple(call);
      throw notFound();
    default:
      throw notFound();
  }
}

function answerLimits(call: ApiCall, rest: readonly string[]): SandboxResponse {
  if (rest.length > 0) throw notFound();
  allowMethods(call, ['GET']);
  const { apiCalls, settings, outbox } = call.state;
  const mails = outbox.mails.filter((mail) => mail.system === 'salesforce').length;
  return ok({
    DailyApiRequests: { Max: settings.dailyCalls, Remaining: settings.dailyCalls - apiCalls },
    SingleEmail: { Max: 5000, Remaining: Math.max(0, 5000 - mails) },
    MassEmail: { Max: 5000, Remaining: 5000 },
    FileStorageMB: { Max: 10_240, Remaining: 10_200 },
  });
}

function answerQuery(
  call: ApiCall,
  rest: readonly string[],
  { withBin }: { readonly withBin: boolean },
): SandboxResponse {
  allowMethods(call, ['GET']);
  const { state, apiVersion, request } = call;
  const [locator, ...more] = rest;
  if (more.length > 0) throw notFound();
  if (locator !== undefined && locator !== '') {
    allowParameters(call, []);
    return ok(state.cursors.nextPage(apiVersion, locator));
  }
  allowParameters(call, ['q']);
  const soql = request.url.searchParams.get('q');
  if (!soql) throw new ApiError(400, 'MALFORMED_QUERY', 'SOQL statement cannot be empty');
  const pageSize = Math.min(state.settings.pageSize, batchSize(request) ?? Number.POSITIVE_INFINITY);
  return ok(
    runSoql(
      {
        schema: state.schema,
        store: state.store,
        apiVersion,
        withBin,
        firstPage: (records) => state.cursors.firstPage(apiVersion, records, pageSize),
      },
      soql,
    ),
  );
}

function batchSize(request: SandboxRequest): number | null {
  const asked = /batchSize=(\d+)/i.exec(request.headers['sforce-query-options'] ?? '')?.[1];
  if (asked === undefined) return null;
  if (Number(asked) >= 200 && Number(asked) <= 2000) return Number(asked);
  throw new ApiError(400, 'INVALID_QUERY_OPTIONS', 'batchSize must be between 200 and 2,000');
}

function answerSobjects(call: ApiCall, rest: readonly string[]): SandboxResponse {
  const [name, id, part, ...more] = rest;
  if (name === undefined || more.length > 0) throw notFound();
  const object = objectNamed(call, name);
  if (id === undefined) return answerObject(call, object);
  if (id === 'describe' && part === undefined) {
    allowMethods(call, ['GET']);
    return ok(describeObject(call.apiVersion, call.state.schema, object));
  }
  if (part === undefined) return answerRecord(call, object, id);
  if (object.name === 'ContentVersion' && part === 'VersionData') return answerFile(call, object, id);
  // With a further part the middle one names an external id field; none of these objects has one.
  throw new ApiError(
    404,
    'NOT_FOUND',
    `Provided external ID field does not exist or is not accessible: ${id}`,
  );
}

/** The session is that of the composite, which counts as one call. */
function answerPart(call: ApiCall, part: SandboxRequest): Promise<SandboxResponse> {
  const [, , , ...segments] = segmentsOf(part.url);
  return orRefusal(() => dispatch({ ...call, ...addressed(part, segments) }));
}

/** The decoded parts of the path, without what a slash at its end would add. */
export function segmentsOf({ pathname }: URL): readonly string[] {
  const segments = pathname.split('/').map(decodeURIComponent);
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

function answerCollection(call: ApiCall, rest: readonly string[]): SandboxResponse {
  const [resource, name, ...more] = rest;
  if (resource !== 'sobjects' || more.length > 0) throw notFound();
  return name === undefined ? answerCollections(call) : answerRetrieve(call, objectNamed(call, name));
}

function objectNamed({ state }: ApiCall, name: string): ObjectType {
  const object = state.schema.find(name);
  if (!object) throw notFound();
  return object;
}
