import type { Machine } from './machine.ts';
import type { Figures } from './measures/all.ts';
import type { ServerKind } from './server/temporal.ts';

/** What one run of the bench found out. */
export interface BenchReport {
  /** UTC day. */
  readonly day: string;
  readonly tookMs: number;
  readonly machine: Machine;
  readonly server: ServerKind;
  /** Of the measures that were asked for. */
  readonly figures: Partial<Figures>;
}
