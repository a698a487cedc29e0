import { request } from 'undici';
import { FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import { Outbox } from '../../sandbox/outbox.ts';
import { createSalesforceSandbox, type SalesforceSandboxOptions } from '../../sandbox/salesforce/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The parsed JSON, or null. */
  readonly json: unknown;
}

export interface CallOptions {
  readonly body?: object | string | Buffer;
  readonly headers?: Record<string, string>;
  /** Absent: a valid one. */
  readonly token?: string;
}

const ORG = {
  orgId: '00D5Y000001MPM7',
  clientId: 'sandbox-sf-client',
  clientSecret: 'sandbox-sf-secret',
};

/** One stand-in on real HTTP, with a session. */
export async function openOrg(options: Partial<SalesforceSandboxOptions> = {}) {
  const outbox = new Outbox();
  const faults = new FaultPlan();
  const sandbox = createSalesforceSandbox({ ...ORG, outbox, ...options });
  const server = await serve({ system: 'salesforce', handler: sandbox.handler, faults });
  const freshToken = async () =>
    textOf(
      (await token(server.url, { grant_type: 'client_credentials', ...credentials })).json,
      'access_token',
    );
  let current = await freshToken();

  async function call(method: string, path: string, { body, headers = {}, token }: CallOptions = {}) {
    const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
    return send(method, `${server.url}/services/data/v66.0${path}`, {
      headers: {
        authorization: `Bearer ${token ?? current}`,
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    });
  }

  return {
    ...sandbox,
    outbox,
    faults,
    url: server.url,
    call,
    query: (soql: string, headers: Record<string, string> = {}) =>
      call('GET', `/query?q=${encodeURIComponent(soql)}`, { headers }),
    freshToken,
    renewToken: async () => {
      current = await freshToken();
    },
    currentToken: () => current,
    close: async () => {
      await sandbox.close();
      await server.close();
    },
  };
}

export const credentials = { client_id: ORG.clientId, client_secret: ORG.clientSecret };

/** A text of an answer's object; fails the test when it is not there. */
export function textOf(json: unknown, name: string): string {
  const value =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'string') throw new Error(`the answer has no text "${name}": ${JSON.stringify(json)}`);
  return value;
}

/** The error codes of an error answer. */
export function errorCodes(answer: Answer): string[] {
  if (!Array.isArray(answer.json)) throw new Error(`no error list: ${JSON.stringify(answer.json)}`);
  return answer.json.map((error) => textOf(error, 'errorCode'));
}

/** The records of a query's page. */
export function recordsOf(answer: Answer): Record<string, unknown>[] {
  const { records } = answer.json as { records?: unknown };
  if (!Array.isArray(records)) throw new Error(`no query page: ${JSON.stringify(answer.json)}`);
  return records;
}

export function token(url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return send('POST', `${url}/services/oauth2/token`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

export async function send(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const response = await request(url, {
    method: method as 'GET',
    headers: options.headers ?? {},
    body: options.body ?? null,
  });
  const bytes = Buffer.from(await response.body.arrayBuffer());
  const isJson = /^application\/json(;|$)/.test(String(response.headers['content-type']));
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes,
    json: isJson ? JSON.parse(bytes.toString('utf8')) : null,
  };
}
