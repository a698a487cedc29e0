import { EXIT, type ExitCode } from '../commands/terminal/exit-code.ts';
import { FINAL_STATUSES, type Progress, type RunStatus } from '../contracts/run.ts';
import type { RunConsole } from './console.ts';
import type { DealView } from './deal-view.ts';
import type { PastDelivery } from './past-delivery.ts';
import type { ProvisioningView } from './port.ts';

/** A run as `status` and `provision --wait` show it, with what its deal was given before. */
export interface RunReport extends DealView {
  /** Null when no worker answers, or the run was made by other code. */
  readonly progress: Progress | null;
  /** What an earlier run delivered, where this one has nothing of it; null: nothing, or it is forgotten. */
  readonly delivery: PastDelivery | null;
}

/** Null when Temporal knows no run of this id (any more). */
export async function readRun(
  runs: Pick<RunConsole, 'describe' | 'progress' | 'lastDelivery'>,
  id: string,
): Promise<RunReport | null> {
  const view = await runs.describe(id);
  if (view === null) return null;
  const progress = await runs.progress(id).catch(() => null);
  const delivery = progress?.roster ? null : await runs.lastDelivery(id);
  return { ...view, progress, delivery };
}

/** How the deal stands: a later look that had nothing to do takes nothing back of a delivery. */
export function dealStatusOf({ status, delivery }: Pick<RunReport, 'status' | 'delivery'>): string {
  return status === 'Skipped' && delivery !== null ? 'Delivered' : status;
}

export function noRun(id: string): Error {
  return new Error(`Temporal has no run ${id}, or has forgotten it. Start one with \`dealseat provision\`.`);
}

const EXIT_OF_STATUS: Readonly<Record<RunStatus, ExitCode>> = {
  Planning: EXIT.notDelivered,
  Provisioning: EXIT.notDelivered,
  AwaitingCodes: EXIT.notDelivered,
  HandingOver: EXIT.notDelivered,
  Delivered: EXIT.ok,
  NeedsAttention: EXIT.notDelivered,
  Compensating: EXIT.notDelivered,
  Failed: EXIT.failed,
  Skipped: EXIT.notDelivered,
  Cancelled: EXIT.failed,
};

export function exitCodeOf({ status, closedAt }: Pick<ProvisioningView, 'status' | 'closedAt'>): ExitCode {
  const code = Object.hasOwn(EXIT_OF_STATUS, status) ? EXIT_OF_STATUS[status as RunStatus] : EXIT.failed;
  // A run that Temporal ended (terminated, timed out) has the status it had then.
  return closedAt !== null && code === EXIT.notDelivered && status !== 'Skipped' ? EXIT.failed : code;
}

/** Ended by a hand in Temporal, not by its own code. */
export function isEndedFromOutside({
  status,
  closedAt,
}: Pick<ProvisioningView, 'status' | 'closedAt'>): boolean {
  return closedAt !== null && !FINAL_STATUSES.some((final) => final === status);
}
