import { MAX_NORMAL_STARTS } from '../../src/contracts/lane.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import type { Provisioner } from '../../src/runs/port.ts';
import type { ChooseLane } from './choose-lane.ts';
import type { RefuseForged } from './rate-limits.ts';
import type { TallyOf } from './tally.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on routes that take events: their requests are counted under it. */
    source?: string;
  }
}

/** What every source of events works with. */
export interface SourceDeps {
  readonly provisioner: Provisioner;
  readonly refuseForged: RefuseForged;
  readonly tallyOf: TallyOf;
  readonly chooseLane: ChooseLane;
  readonly limits: WebhookLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WebhookLimits {
  /** Requests without valid credentials, per address. */
  readonly forgedPerMinute: number;
  /** Provisionings and dry runs, per partner. */
  readonly manualPerMinute: number;
  readonly lookUpsPerMinute: number;
  /** Deals that one account wins by the same means; what exceeds it is an import, and waits in the bulk lane. */
  readonly normalStartsPerMinute: number;
  /** How long a CRM waits for our answer. Absent: as its folder has it. */
  readonly budgetMs: Readonly<Record<CrmName, number>>;
  readonly readyBudgetMs: number;
  /** For headers, and for the whole request: a sender that trickles bytes is cut off. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves. Longer than a dry run may take, which answers in one piece at its end. */
  readonly idleTimeoutMs: number;
  /** How long a stop waits for callers; less than the 20 s after which a container is killed. */
  readonly closingMs: number;
}

export const DEFAULT_LIMITS: WebhookLimits = {
  forgedPerMinute: 60,
  manualPerMinute: 60,
  lookUpsPerMinute: 600,
  normalStartsPerMinute: MAX_NORMAL_STARTS,
  budgetMs: {},
  readyBudgetMs: 2_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 120_000,
  closingMs: 15_000,
};
