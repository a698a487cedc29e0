import type { PartRunner, SandboxRequest, SandboxResponse } from '../../sandbox/exchange.ts';
import { FaultPlan } from '../../sandbox/faults.ts';
import { type SandboxServer, serve } from '../../sandbox/http.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import { DealseatError } from '../../src/domain/failure.ts';

export const ORG_ID = '00D5Y000001MPM7UAO';
export const DEAL_ID = '0065Y00001Suvw6QAB';

type Answer = SandboxResponse | ((request: SandboxRequest) => SandboxResponse);

/**
 * An org that says only what a test has it say: for what no sandbox would answer by itself. It gives out tokens,
 * answers each call from `answers` (first match of `METHOD path`), a composite part by part, and writes down what was
 * asked.
 */
export interface StubOrg {
  readonly url: string;
  readonly crm: Crm;
  readonly faults: FaultPlan;
  /** `METHOD path` of every call, tokens included. */
  readonly calls: string[];
  readonly tokensGiven: string[];
  readonly answers: Map<RegExp, Answer>;
  close(): Promise<void>;
}

export async function startStubOrg(options: { timeoutMs?: number } = {}): Promise<StubOrg> {
  const faults = new FaultPlan();
  const calls: string[] = [];
  const tokensGiven: string[] = [];
  const answers = new Map<RegExp, Answer>();
  let server: SandboxServer | null = null;

  const handler = (
    request: SandboxRequest,
    parts?: PartRunner,
  ): SandboxResponse | Promise<SandboxResponse> => {
    const call = `${request.method} ${request.path}`;
    const isParted = request.path.endsWith('/composite') && parts !== undefined;
    if (!isParted) calls.push(call);
    for (const [pattern, answer] of answers) {
      if (pattern.test(call)) return typeof answer === 'function' ? answer(request) : answer;
    }
    if (isParted) return inParts(request, parts, handler);
    if (request.path === '/services/oauth2/token') {
      tokensGiven.push(`token-${tokensGiven.length + 1}`);
      return {
        status: 200,
        body: {
          access_token: tokensGiven.at(-1),
          instance_url: server?.url,
          id: `${server?.url}/id/${ORG_ID}/0055Y00000AbCdEQAV`,
          token_type: 'Bearer',
        },
      };
    }
    if (request.method === 'GET') return { status: 200, body: { totalSize: 0, done: true, records: [] } };
    if (request.method === 'POST')
      return { status: 201, body: { id: '00T5Y00000AbCdEUAV', success: true, errors: [] } };
    return { status: 204 };
  };

  const started = await serve({ system: 'salesforce', handler, faults });
  server = started;
  const crm = createSalesforceCrm({
    loginUrl: started.url,
    clientId: 'sandbox-sf-client',
    clientSecret: 'sandbox-sf-secret',
    orgId: ORG_ID,
    apiVersion: '66.0',
    timeoutMs: options.timeoutMs ?? 10_000,
  });
  return { url: started.url, crm, faults, calls, tokensGiven, answers, close: () => started.close() };
}

async function inParts(
  request: SandboxRequest,
  parts: PartRunner,
  handle: (part: SandboxRequest) => SandboxResponse | Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  const { compositeRequest } = JSON.parse(request.body.toString()) as {
    compositeRequest: { method: string; url: string; referenceId: string; body?: object }[];
  };
  const asked = compositeRequest.map(({ method, url, referenceId, body }) => {
    const target = new URL(url, request.url);
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    return { ...request, method, url: target, path: target.pathname, body: bytes, referenceId };
  });
  const turnedAway = parts.turnAway(asked);
  if (turnedAway) return turnedAway;
  const compositeResponse: object[] = [];
  for (const part of asked) {
    const { status, headers = {}, body = null } = await parts.run(part, () => handle(part));
    compositeResponse.push({
      body,
      httpHeaders: headers,
      httpStatusCode: status,
      referenceId: part.referenceId,
    });
  }
  return { status: 200, body: { compositeResponse } };
}

/** The answer to a query with these rows. */
export function rows(...records: object[]): SandboxResponse {
  return { status: 200, body: { totalSize: records.length, done: true, records } };
}

/** The failure that a call ends with; anything else that comes of it fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<DealseatError> {
  const outcome = await call.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (outcome instanceof DealseatError) return outcome;
  throw outcome;
}
