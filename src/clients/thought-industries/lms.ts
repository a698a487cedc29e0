import type { Lms } from '../lms.ts';
import { RequestBudget } from '../request-budget.ts';
import { type CodeListOptions, listCodes, lookAtCodes } from './codes.ts';
import { compileCodesPath } from './codes-path.ts';
import { createGroup, findGroupsByToken, findGroupsNaming, getGroup } from './groups.ts';
import { createLearners } from './learners.ts';
import { ping } from './ping.ts';
import { createRedemptions, type DateForm } from './redemptions.ts';
import { createSender } from './send.ts';
import { checkSetup } from './setup.ts';

export interface ThoughtIndustriesOptions {
  /** Root of the tenant, for example `https://acme.thoughtindustries.com`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Path template of the code list, with `{groupId}` in it; null: the tenant lists no codes by API. */
  readonly codesPath: string | null;
  readonly requestsPerMinute: number;
  /** How the event feed wants its dates; the other form is tried where it does not heed this one. Default `ms`. */
  readonly eventDates?: DateForm;
  /** One call, from its first byte out to the last byte in. Default 30 s. */
  readonly timeoutMs?: number;
  /** How long a single call waits for its turn before it gives up with `lms.rate_limited`. Default 20 s. */
  readonly maxWaitMs?: number;
  /** The same for a page of the whole code list, where giving up loses the pages read. Default 5 min. */
  readonly maxListWaitMs?: number;
  /** All clients of one tenant in a process must share one. Default: one of its own. */
  readonly budget?: RequestBudget;
  readonly now?: () => number;
  /** For jitter, 0 to 1. */
  readonly random?: () => number;
}

/** The learning platform over its REST API v2. Makes every call once: repeating is the caller's decision. */
export function createThoughtIndustriesLms(options: ThoughtIndustriesOptions): Lms {
  const sender = createSender({
    apiUrl: `${options.baseUrl.replace(/\/+$/, '')}/incoming/v2`,
    apiKey: options.apiKey,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxWaitMs: options.maxWaitMs ?? 20_000,
    budget: options.budget ?? new RequestBudget({ requestsPerMinute: options.requestsPerMinute }),
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
  });
  const targetOf = options.codesPath === null ? null : compileCodesPath(options.codesPath);
  const maxListWaitMs = options.maxListWaitMs ?? 5 * 60_000;
  const codeList = (groupId: string, signal?: AbortSignal): CodeListOptions => ({
    sender,
    targetOf,
    groupId,
    signal,
  });

  return {
    name: 'ti',
    account: new URL(options.baseUrl).host,
    displayName: 'Thought Industries',
    learners: createLearners(sender, options.now ?? Date.now),
    redemptions: createRedemptions(sender, options.eventDates ?? 'ms'),
    ping: (signal) => ping(sender, signal),
    createGroup: (request, signal) => createGroup(sender, request, signal),
    findGroupsByToken: (token, signal) => findGroupsByToken(sender, token, signal),
    findGroupsNaming: (token, signal) => findGroupsNaming(sender, token, signal),
    getGroup: (groupId, signal) => getGroup(sender, groupId, signal),
    lookAtCodes: (groupId, signal) => lookAtCodes(codeList(groupId, signal)),
    listCodes: (groupId, signal) => listCodes({ ...codeList(groupId, signal), maxWaitMs: maxListWaitMs }),
    checkSetup: (setup) =>
      checkSetup({ ...options, sender, baseUrl: options.baseUrl.replace(/\/+$/, '') }, setup),
  };
}
