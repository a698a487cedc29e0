import { request } from 'undici';
import { FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import { createTiSandbox } from '../../sandbox/thought-industries/index.ts';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import type { TiState } from '../../sandbox/thought-industries/state.ts';

export const LEADERSHIP = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';
export const MANAGER_TRACK = '3b9c6e15-2a7f-4d80-b1c5-6e8f0a2d4b71';
export const ACME_CLIENT = 'c1a7e700-4b2d-4f19-8c36-5d7e9f0a1b2c';

/** The smallest body that the platform accepts. */
export const GROUP = { label: 'acme-lead', codeLength: 12, totalCodesCount: 3, courses: [LEADERSHIP] };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read into parsed answers of many shapes
  readonly json: any;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A tenant on HTTP whose clock stands still until `clock.now` is set. */
export class TiTenant {
  readonly url: string;
  readonly state: TiState;
  readonly faults: FaultPlan;
  readonly clock: { now: number };
  readonly #close: () => Promise<void>;

  constructor(parts: {
    url: string;
    state: TiState;
    faults: FaultPlan;
    clock: { now: number };
    close: () => Promise<void>;
  }) {
    this.url = parts.url;
    this.state = parts.state;
    this.faults = parts.faults;
    this.clock = parts.clock;
    this.#close = parts.close;
  }

  static async start(options: TiSandboxOptions = {}): Promise<TiTenant> {
    const clock = { now: Date.parse('2026-11-22T10:00:00.000Z') };
    const faults = new FaultPlan();
    const { handler, state } = createTiSandbox({ now: () => clock.now, ...options });
    const server = await serve({ system: 'ti', handler, faults });
    return new TiTenant({ url: server.url, state, faults, clock, close: server.close });
  }

  /** `path` below `/incoming/v2`, with the tenant's key unless the call brings its own headers. */
  async call(path: string, call: Call = {}): Promise<Answer> {
    const { statusCode, headers, body } = await request(`${this.url}/incoming/v2${path}`, {
      method: (call.method ?? 'GET') as 'GET',
      headers: call.headers ?? { authorization: `Bearer ${this.state.options.apiKey}` },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const text = await body.text();
    const isJson = String(headers['content-type']).startsWith('application/json');
    return { status: statusCode, headers, text, json: isJson ? JSON.parse(text) : null };
  }

  post(path: string, body: object): Promise<Answer> {
    return this.call(path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.state.options.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  }

  create(changes: object = {}): Promise<Answer> {
    return this.post('/redemptionCodes', { ...GROUP, ...changes });
  }

  /** Follows cursors to the end and returns the rows under `key`. */
  async all(path: string, key: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    let cursor: string | null = null;
    do {
      const glue = path.includes('?') ? '&' : '?';
      const next: string = cursor === null ? '' : `${glue}cursor=${encodeURIComponent(cursor)}`;
      const { json } = await this.call(`${path}${next}`);
      rows.push(...json[key]);
      cursor = json.pageInfo.hasMore ? json.pageInfo.cursor : null;
    } while (cursor !== null);
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
