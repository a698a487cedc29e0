import type { Config } from '../config/config.ts';
import type { Outcome } from '../contracts/outcomes.ts';
import type { Logger } from '../observability/logging.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RunPages } from '../runs/run-url.ts';
import type { StoreDatabase } from '../store/database.ts';
import type { TemporalTarget } from '../temporal/connection.ts';

/** What every part of the service is made from. Only the entry points make one. */
export interface ServiceContext {
  readonly config: Config;
  readonly target: TemporalTarget;
  readonly logger: Logger;
  /** Shared by the parts of one process, because the webhook server publishes them; absent: each has its own. */
  readonly metrics?: Metrics;
  /** The open seat store, which who opened it closes after all parts; absent: these parts keep no seats. */
  readonly store?: StoreDatabase;
  /** Hears of each end and each question of a run, once; absent: they are logged. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** A running part. `ended` settles when it stops by itself or after `stop`; it rejects when it broke. */
export interface RunningPart {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export function pagesOf({ config, target }: Pick<ServiceContext, 'config' | 'target'>): RunPages {
  return { uiUrl: config.temporalUiUrl, namespace: target.namespace };
}
