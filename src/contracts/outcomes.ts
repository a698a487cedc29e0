import type { DealRef } from '../domain/deal/deal.ts';
import type { FailureCode } from '../domain/failure.ts';
import type { RunStatus } from './run.ts';
import type { WaitsFor } from './waits-for.ts';

/** What a run has come to: its end, or a question. Plain JSON; holds no redemption code. */
export interface Outcome extends DealRef {
  readonly dealName: string | null;
  readonly status: RunStatus;
  readonly waitsFor: WaitsFor | null;
  /** The first problem, or why the run ended without a delivery. */
  readonly code: FailureCode | null;
  readonly message: string;
  readonly cure: string | null;
  readonly problemCount: number;
  readonly seats: number | null;
  /** Since the run was started. */
  readonly durationMs: number;
  /** The deal was delivered before, and this run had nothing to do. */
  readonly isUnchanged: boolean;
}

/** What workflow code tells those who watch the worker, once each. A type, because sinks want an index. */
export type OutcomeSinks = {
  readonly outcomes: { reached(outcome: Outcome): void };
};
