import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Meanwhile, Scenario } from './drive.ts';
import type { Receiver } from './receiver.ts';
import type { WonDeal } from './won-deals.ts';

/** How long a row may take, and how many deals its rows have. */
export interface Scale {
  readonly sequence: number;
  readonly burst: number;
  readonly batch: number;
  readonly disturbed: number;
  /** How long the learning platform refuses, and how long the engine is away. */
  readonly refusesMs: number;
  readonly awayMs: number;
  /** What the platform allows a minute in the rows that are about it. */
  readonly allowedPerMinute: number;
  readonly deadlineMs: number;
}

const CREATE = { system: 'ti', method: 'POST', path: /\/redemptionCodes$/ } as const;
const ALWAYS = { times: Number.POSITIVE_INFINITY } as const;

/** One deal at a time. */
export const sequence = ({ sequence: deals, deadlineMs }: Scale): Scenario => ({
  deals,
  pace: 'one by one',
  deadlineMs,
});

/** All at once, as when somebody works off a list. */
export const burst = ({ burst: deals, deadlineMs }: Scale): Scenario => ({ deals, deadlineMs });

/** In one request. */
export const batch = ({ batch: deals, deadlineMs }: Scale): Scenario => ({ deals, batch: 100, deadlineMs });

/** Every event comes twice. */
export const duplicates = ({ disturbed: deals, deadlineMs }: Scale): Scenario => ({
  deals,
  copies: 2,
  deadlineMs,
});

const REFUSALS = 2;

/** Each create is answered 503 twice, and nothing is made. */
export const refused = ({ disturbed: deals, deadlineMs }: Scale): Scenario => ({
  deals,
  deadlineMs,
  disturb: ({ faults }) => {
    const refusals = new Map<number, number>();
    const isDue = (body: string) => {
      const seats = seatsOf(body);
      const count = (refusals.get(seats) ?? 0) + 1;
      refusals.set(seats, count);
      return count <= REFUSALS;
    };
    return faults.add({ ...CREATE, ...ALWAYS, kind: 'status', status: 503, body: {}, when: isDue });
  },
});

const LOST_EVERY = 4;

/** Of every fourth create the group is made and the answer lost. */
export const lost = ({ disturbed: deals, deadlineMs }: Scale): Scenario => ({
  deals,
  deadlineMs,
  disturb: ({ faults }) => {
    let creates = 0;
    const isDue = () => {
      creates += 1;
      return creates % LOST_EVERY === 0;
    };
    return faults.add({ ...CREATE, ...ALWAYS, kind: 'dropAfterCommit', when: isDue });
  },
});

const LOOK_MS = 5;

/** The receiver's processes are ended when the first deals have their groups, and started again at once. */
export const kill = ({ disturbed: deals, deadlineMs }: Scale): Scenario => ({
  deals,
  deadlineMs,
  meanwhile: killAndRestart,
});

async function killAndRestart({ sandbox, receiver, deals, deadline }: Meanwhile): Promise<number> {
  const before = sandbox.ti.state.groups.length;
  const isDue = () =>
    sandbox.ti.state.groups.length - before >= deals.length / 4 || isAnyOver(sandbox, receiver, deals);
  while (!isDue() && !deadline.aborted) await wait(LOOK_MS);
  await receiver.kill?.();
  const restartedAt = performance.now();
  await receiver.restart?.();
  return restartedAt;
}

function isAnyOver(sandbox: Sandbox, receiver: Receiver, deals: readonly WonDeal[]): boolean {
  return deals.some((deal) => receiver.isDelivered(sandbox, deal));
}

/** The learning platform refuses everything for its quota, and does not say how long. */
export const limited = ({ disturbed: deals, refusesMs, deadlineMs }: Scale): Scenario => ({
  deals,
  deadlineMs,
  disturb: ({ faults }) => {
    const end = faults.add({
      system: 'ti',
      ...ALWAYS,
      kind: 'status',
      status: 429,
      body: { error: 'rate_limit_exceeded', message: 'Rate limit exceeded.' },
    });
    const timer = setTimeout(end, refusesMs);
    return () => {
      clearTimeout(timer);
      end();
    };
  },
});

/** What runs the receiver's steps is away while the events arrive, and comes back. */
export function away(
  { disturbed: deals, awayMs, deadlineMs }: Scale,
  engine: { readonly stop: () => Promise<void>; readonly start: () => Promise<void> },
): Scenario {
  return {
    deals,
    batch: 1,
    deadlineMs,
    disturb: async () => {
      await engine.stop();
      return () => undefined;
    },
    meanwhile: async () => {
      await wait(awayMs);
      await engine.start();
      return undefined;
    },
  };
}

function seatsOf(body: string): number {
  try {
    return Number(JSON.parse(body).totalCodesCount);
  } catch {
    return Number.NaN;
  }
}
