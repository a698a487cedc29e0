import type { Lane } from '../contracts/lane.ts';
import type { AskedQuestion, Trigger } from '../contracts/run.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import type { Problem } from '../domain/failure.ts';

export type { Trigger };

/** What every way in (webhook, command, sweep) asks of Temporal. One implementation: `console.ts`. */
export interface Provisioner {
  /**
   * Starts a run, or tells the open one. Resolves only after Temporal accepted it; throws `TemporalUnavailableError`. The
   * lane counts for a run that is started: an open one keeps its own.
   */
  dealChanged(
    ref: DealRef,
    trigger: Trigger,
    options?: {
      readonly lane?: Lane;
      /** By which means or by which user the deal was changed: what comes of one shares the quota fairly with the rest. */
      readonly changeSource?: string;
    },
  ): Promise<{ readonly id: string }>;
  /** The same for a manual call; with `planHash` the run refuses if the plan has changed since. */
  provision(
    ref: DealRef,
    trigger: Trigger,
    options?: { readonly planHash?: string },
  ): Promise<{ readonly id: string; readonly status: string }>;
  /** Dry run: reads, plans, and writes nothing. */
  preview(ref: DealRef): Promise<Preview>;
  /** Null when Temporal knows no such run (any more). */
  describe(id: string): Promise<ProvisioningView | null>;
  /** Throws when Temporal cannot take work. */
  ready(): Promise<void>;
}

/** What a real run would do now. Plain JSON. */
export interface Preview {
  /** Id that the real run would have. */
  readonly id: string;
  /** Hash of the plan, to be named by the real run; null when there is no plan. */
  readonly hash: string | null;
  readonly seats: number;
  /** The run makes nothing before a person has approved the plan. */
  readonly needsApproval: boolean;
  readonly groups: readonly PreviewGroup[];
  /** All that stands in the way, at once. */
  readonly problems: readonly Problem[];
  /** Every call that would write, in order, for people. */
  readonly calls: readonly string[];
  /** Why nothing is to be done, or null. */
  readonly skipped: string | null;
}

export interface PreviewGroup {
  readonly label: string;
  readonly title: string;
  readonly seats: number;
  /** UTC instant, or null when the codes never stop working. */
  readonly codesExpireAt: string | null;
  /** The last day on which they work, `YYYY-MM-DD`, as buyers are told it. */
  readonly codesExpireOn: string | null;
  /** How long learners keep access, for people; null: as the platform has it. */
  readonly access: string | null;
  /** Panorama client id, or null. */
  readonly client: string | null;
}

/** A run as its callers may see it. Plain JSON; holds no code and no address. */
export interface ProvisioningView {
  readonly id: string;
  readonly crm: string;
  readonly account: string;
  readonly dealId: string;
  readonly status: string;
  readonly detail: string;
  readonly seats: number;
  readonly groupLabels: readonly string[];
  readonly problems: readonly Problem[];
  /** UTC instants, ISO 8601. */
  readonly startedAt: string;
  readonly closedAt: string | null;
  /** What people are asked; null while nobody is, and when no worker answers. */
  readonly question: AskedQuestion | null;
  /** Page of the run in the Temporal UI. */
  readonly runUrl: string;
}

/** Temporal did not accept a call: whoever sent the event must send it again. */
export class TemporalUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'TemporalUnavailableError';
  }
}
