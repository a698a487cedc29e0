import { afterEach } from '@jest/globals';
import { FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import {
  createHubSpotSandbox,
  type HubSpotSandbox,
  type HubSpotSandboxOptions,
} from '../../sandbox/hubspot/index.ts';
import { Outbox } from '../../sandbox/outbox.ts';

export const TOKEN = 'sandbox-hubspot-token';
export const DEAL = '/crm/v3/objects/deals/9001';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or null where the answer is none. */
  readonly body: unknown;
}

export interface Portal extends HubSpotSandbox {
  readonly url: string;
  readonly outbox: Outbox;
  /** Stands still until a test moves it. */
  readonly clock: { now: number };
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  upload(fields: Readonly<Record<string, string | Blob>>, fileName?: string): Promise<Answer>;
}

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((close) => close()));
});

/** The seeded portal on HTTP, closed after the test. */
export async function startPortal(options: Partial<HubSpotSandboxOptions> = {}): Promise<Portal> {
  const outbox = new Outbox();
  const clock = { now: Date.parse('2026-11-25T12:00:00.000Z') };
  const sandbox = createHubSpotSandbox({ now: () => clock.now, ...options, outbox });
  const server = await serve({ system: 'hubspot', handler: sandbox.handler, faults: new FaultPlan() });
  running.push(async () => {
    sandbox.stop();
    await server.close();
  });
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json;charset=utf-8';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : null };
  };
  const authorization = `Bearer ${TOKEN}`;
  return {
    ...sandbox,
    url: server.url,
    outbox,
    clock,
    get: (path, headers = {}) => ask(path, { headers: { authorization, ...headers } }),
    send: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: {
          authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    upload: (fields, fileName = 'roster.csv') => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        if (typeof value === 'string') form.set(name, value);
        else form.set(name, value, fileName);
      }
      return ask('/files/v3/files', { method: 'POST', headers: { authorization }, body: form });
    },
  };
}

/** The faults that HubSpot packs as JSON text into the message of a refused property write. */
export function propertyFaults(answer: Answer): { name: string; error: string; message: string }[] {
  const { message } = answer.body as { message: string };
  const prefix = 'Property values were not valid: ';
  if (!message.startsWith(prefix)) throw new Error(`No property faults in: ${message}`);
  return JSON.parse(message.slice(prefix.length));
}
