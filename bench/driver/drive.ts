import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import type { BenchCrm } from '../deals.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { announce } from './announce.ts';
import { type CpuUse, watchCpu } from './cpu-use.ts';
import { useOf } from './processes.ts';
import type { Receiver } from './receiver.ts';
import { type Tally, tally } from './tally.ts';
import { type WonDeal, winDeals } from './won-deals.ts';

/** One row: what is announced how, and what goes wrong meanwhile. */
export interface Scenario {
  readonly deals: number;
  /** Default: all that the receiver listens to, by turns. */
  readonly crms?: readonly BenchCrm[];
  /** Default: all at once. */
  readonly pace?: 'one by one' | 'at once';
  /** Deals of one request. Default 10. */
  readonly batch?: number;
  /** How often every event comes. Default 1. */
  readonly copies?: number;
  /** Arms faults before the first event; returns what ends them. */
  readonly disturb?: (sandbox: Sandbox) => (() => void) | Promise<() => void>;
  /** Runs while the deals are under way. Returns the moment from which the time counts, where it is not the first event. */
  readonly meanwhile?: (context: Meanwhile) => Promise<number | undefined>;
  /** When the row is given up. */
  readonly deadlineMs: number;
}

export interface Meanwhile {
  readonly sandbox: Sandbox;
  readonly receiver: Receiver;
  readonly deals: readonly WonDeal[];
  readonly deadline: AbortSignal;
}

export interface DriveResult extends Tally {
  readonly deals: number;
  /** Deals that were not over at the deadline. */
  readonly open: number;
  /** From the first event, or the moment that the row names, until the last deal was over. */
  readonly tookMs: number;
  /** Of each deal, from its event. */
  readonly eachMs: Spread | null;
  /** Of each system, all deals together, until nothing came any more. */
  readonly requests: Readonly<Record<'hubspot' | 'salesforce' | 'ti', number>>;
  /** From the first request to the learning platform until the last. */
  readonly platformMs: number;
  /** Answers of the learning platform that refused a request for its quota. */
  readonly refusedForQuota: number;
  readonly cpu: CpuUse | null;
  /** Of all processes of the receiver when the row was over (PSS); null where they are not known. */
  readonly memoryBytes: number | null;
}

const LOOK_MS = 10;
/** What is made too often may come late; and the last requests of a deal come after its customer has the codes. */
const QUIET_MS = 2_000;
/** Before each deal of a sequence, as between the deals of a working day. */
const IDLE_MS = 1_000;

export async function drive(sandbox: Sandbox, receiver: Receiver, scenario: Scenario): Promise<DriveResult> {
  const startedAt = Date.now();
  const requestsBefore = countRequests(sandbox);
  const seen = { mails: sandbox.outbox.mails.length, groups: sandbox.ti.state.groups.length };
  const refusedBefore = countRefused(sandbox);
  const endDisturbance = await scenario.disturb?.(sandbox);
  const cpu = watchCpu(receiver);
  const isOneByOne = scenario.pace === 'one by one';
  const rounds = isOneByOne ? scenario.deals : 1;
  const all: WonDeal[] = [];
  const eachMs: number[] = [];
  let tookMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    if (isOneByOne) await wait(IDLE_MS);
    const crms = scenario.crms ?? namesOf(receiver.webhooks);
    const deals = winDeals(sandbox, {
      deals: isOneByOne ? 1 : scenario.deals,
      crms: isOneByOne ? [crms[round % crms.length] ?? 'hubspot'] : crms,
    });
    all.push(...deals);
    const taken = await announceAndWait(sandbox, receiver, deals, scenario);
    tookMs += taken.tookMs;
    eachMs.push(...taken.eachMs);
  }
  endDisturbance?.();
  const cpuUse = cpu();
  await untilQuiet(sandbox);
  const requestsAfter = countRequests(sandbox);
  return {
    deals: all.length,
    open: all.length - eachMs.length,
    tookMs,
    eachMs: eachMs.length === 0 ? null : spreadOf(eachMs),
    requests: {
      hubspot: requestsAfter.hubspot - requestsBefore.hubspot,
      salesforce: requestsAfter.salesforce - requestsBefore.salesforce,
      ti: requestsAfter.ti - requestsBefore.ti,
    },
    platformMs: spanOf(sandbox, startedAt),
    refusedForQuota: countRefused(sandbox) - refusedBefore,
    cpu: cpuUse,
    memoryBytes: memoryOf(receiver),
    ...tally(all, sandbox.ti.state.groups.slice(seen.groups), sandbox.outbox.mails.slice(seen.mails)),
  };
}

async function announceAndWait(
  sandbox: Sandbox,
  receiver: Receiver,
  deals: readonly WonDeal[],
  { batch = 10, copies = 1, meanwhile, deadlineMs }: Scenario,
): Promise<{ readonly tookMs: number; readonly eachMs: readonly number[] }> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(deadlineMs);
  const sent = announce(sandbox, receiver, deals, { batch, copies, signal: deadline });
  const interlude = meanwhile?.({ sandbox, receiver, deals, deadline });
  const overAt = new Map<WonDeal, number>();
  while (overAt.size < deals.length && !deadline.aborted) {
    for (const deal of deals) {
      if (!overAt.has(deal) && receiver.isDelivered(sandbox, deal)) overAt.set(deal, performance.now());
    }
    // Looking at many of them often would take of the CPU that is measured.
    await wait(Math.max(LOOK_MS, deals.length - overAt.size));
  }
  const from = (await interlude) ?? startedAt;
  await sent;
  const lastAt = overAt.size === deals.length ? Math.max(...overAt.values()) : performance.now();
  return { tookMs: Math.max(0, lastAt - from), eachMs: [...overAt.values()].map((at) => at - startedAt) };
}

async function untilQuiet(sandbox: Sandbox): Promise<void> {
  for (let before = -1; before !== sandbox.exchanges.length; ) {
    before = sandbox.exchanges.length;
    await wait(QUIET_MS);
  }
}

function countRequests({ exchanges }: Sandbox): Record<'hubspot' | 'salesforce' | 'ti', number> {
  const counts = { hubspot: 0, salesforce: 0, ti: 0 };
  for (const { system } of exchanges) counts[system] += 1;
  return counts;
}

function spanOf({ exchanges }: Sandbox, sinceMs: number): number {
  const times = exchanges
    .filter(({ system }) => system === 'ti')
    .map(({ at }) => Date.parse(at))
    .filter((at) => at >= sinceMs);
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

function countRefused({ exchanges }: Sandbox): number {
  return exchanges.filter(({ system, status }) => system === 'ti' && status === 429).length;
}

function memoryOf(receiver: Receiver): number | null {
  const pids = receiver.processIds();
  if (pids.length === 0) return null;
  return useOf(pids).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

function namesOf(webhooks: Receiver['webhooks']): BenchCrm[] {
  return (['hubspot', 'salesforce'] as const).filter((crm) => webhooks[crm] !== undefined);
}

/** How many deals a second were delivered. */
export function perSecondOf({ deals, open, tookMs }: DriveResult): number {
  return ((deals - open) * 1_000) / tookMs;
}

/** Requests to one system for each deal. */
export function perDeal({ requests, deals }: DriveResult, system: 'hubspot' | 'salesforce' | 'ti'): number {
  return requests[system] / deals;
}
