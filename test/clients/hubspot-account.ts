import { afterEach } from '@jest/globals';
import type { SandboxRequest } from '../../sandbox/exchange.ts';
import { type Fault, FaultPlan } from '../../sandbox/faults.ts';
import { serve } from '../../sandbox/http.ts';
import { createHubSpotSandbox, type HubSpotSandboxOptions } from '../../sandbox/hubspot/index.ts';
import type { HubSpotState } from '../../sandbox/hubspot/state.ts';
import { Outbox } from '../../sandbox/outbox.ts';
import { createHubSpotCrm, type HubSpotCrm, type HubSpotOptions } from '../../src/clients/hubspot/crm.ts';
import type { DealseatError } from '../../src/domain/failure.ts';

/** A sandbox portal on HTTP, with the adapter connected to it. */
export interface HubSpotAccount {
  readonly crm: HubSpotCrm;
  readonly state: HubSpotState;
  readonly outbox: Outbox;
  readonly faults: FaultPlan;
  /** Every request that reached the portal's handler, as `METHOD /path`; those that only learn whose the token is apart. */
  readonly requests: string[];
  readonly tokenRequests: string[];
  readonly url: string;
  /** Arms a fault of this portal. */
  fail(fault: Omit<Fault, 'system'>): void;
  /** The adapter with other options, on the same portal. */
  connect(options?: Partial<HubSpotOptions>): HubSpotCrm;
  close(): Promise<void>;
}

export async function openHubSpotAccount(
  options: Partial<HubSpotSandboxOptions> = {},
): Promise<HubSpotAccount> {
  const outbox = new Outbox();
  const faults = new FaultPlan();
  const sandbox = createHubSpotSandbox({ outbox, withDealseatProperties: true, ...options });
  const requests: string[] = [];
  const tokenRequests: string[] = [];
  const handler = (request: SandboxRequest) => {
    const isOfToken = /account-info|access-token-info/.test(request.path);
    (isOfToken ? tokenRequests : requests).push(`${request.method} ${request.path}`);
    return sandbox.handler(request);
  };
  const server = await serve({ system: 'hubspot', handler, faults });
  const connect = (changes: Partial<HubSpotOptions> = {}) =>
    createHubSpotCrm({
      accessToken: 'sandbox-hubspot-token',
      portalId: '62515',
      baseUrl: server.url,
      timeoutMs: 5_000,
      singleSend: { resultPollMs: 5, resultWaitMs: 2_000 },
      ...changes,
    });
  return {
    crm: connect(),
    state: sandbox.state,
    outbox,
    faults,
    requests,
    tokenRequests,
    url: server.url,
    fail: (fault) => faults.add({ system: 'hubspot', ...fault }),
    connect,
    close: async () => {
      sandbox.stop();
      await server.close();
    },
  };
}

/** For a file whose tests need several: each is closed when its test is over. Call it once, at the top of the file. */
export function accountsOfTests(): typeof openHubSpotAccount {
  const accounts: HubSpotAccount[] = [];
  afterEach(async () => {
    await Promise.all(accounts.splice(0).map((account) => account.close()));
  });
  return async (options) => {
    const account = await openHubSpotAccount(options);
    accounts.push(account);
    return account;
  };
}

/** What a promise rejects with; a promise that resolves is the error of the test. */
export async function failureOf(promise: Promise<unknown>): Promise<DealseatError> {
  try {
    await promise;
  } catch (error) {
    return error as DealseatError;
  }
  throw new Error('expected a failure, but the call succeeded');
}
