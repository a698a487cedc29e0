import { afterEach } from '@jest/globals';
import { FaultPlan } from '../../sandbox/faults.ts';
import { type SandboxHandler, serve } from '../../sandbox/http.ts';
import { createTiSandbox } from '../../sandbox/thought-industries/index.ts';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import type { TiState } from '../../sandbox/thought-industries/state.ts';
import type { Lms } from '../../src/clients/lms.ts';
import {
  createThoughtIndustriesLms,
  type ThoughtIndustriesOptions,
} from '../../src/clients/thought-industries/lms.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import type { CreateGroupRequest, RedemptionCode } from '../../src/domain/seats/code-group.ts';

export const API_KEY = 'sandbox-ti-key';
export const LEADERSHIP = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';

export const REQUEST: CreateGroupRequest = {
  label: 'acme-leadership-essentials-2026-11-20-k7q2m9x4',
  codeLength: 12,
  seatCount: 3,
  client: null,
  codesExpireAt: '2027-11-20T23:59:59.999Z',
  accessDays: 365,
  accessUntil: null,
  grants: { courses: [LEADERSHIP], learningPaths: [], bundles: [], licenses: [] },
};

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

export interface Tenant {
  readonly lms: Lms;
  readonly state: TiState;
  readonly faults: FaultPlan;
  readonly url: string;
}

/** The real client on the stand-in, over HTTP. */
export async function startTenant(
  options: { sandbox?: TiSandboxOptions; client?: Partial<ThoughtIndustriesOptions> } = {},
): Promise<Tenant> {
  const { handler, state } = createTiSandbox(options.sandbox);
  const faults = new FaultPlan();
  const url = await start(handler, faults);
  return { url, state, faults, lms: clientOf(url, options.client) };
}

/** The real client on answers that the stand-in never gives. */
export async function startScripted(
  handler: SandboxHandler,
  client: Partial<ThoughtIndustriesOptions> = {},
): Promise<Lms> {
  return clientOf(await start(handler, new FaultPlan()), client);
}

async function start(handler: SandboxHandler, faults: FaultPlan): Promise<string> {
  const server = await serve({ system: 'ti', handler, faults });
  closers.push(() => server.close());
  return server.url;
}

export function clientOf(url: string, options: Partial<ThoughtIndustriesOptions> = {}): Lms {
  return createThoughtIndustriesLms({
    baseUrl: url,
    apiKey: API_KEY,
    codesPath: '/redemptionCodes/{groupId}/codes',
    requestsPerMinute: 60_000,
    random: () => 0,
    ...options,
  });
}

export async function allCodes(lms: Lms, groupId: string): Promise<RedemptionCode[]> {
  const codes: RedemptionCode[] = [];
  for await (const page of lms.listCodes(groupId)) codes.push(...page);
  return codes;
}

export async function failureOf(promise: Promise<unknown>): Promise<DealseatError> {
  const error = await promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  if (!(error instanceof DealseatError)) throw new Error('expected a DealseatError', { cause: error });
  return error;
}
