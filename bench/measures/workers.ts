import type { Bench } from '../bench.ts';
import { type DriveResult, drive } from '../driver/drive.ts';
import { burst } from '../driver/scenarios.ts';
import { withInstallation } from './deliveries.ts';

/** The same deals with more worker processes, beside one webhook server. */
export interface WorkersResult {
  readonly workers: number;
  /** Nothing but the machine and the server in the way. */
  readonly free: DriveResult;
  /** With the little that the platform allows; only for the most workers. */
  readonly allowed: DriveResult | null;
  readonly allowedPerMinute: number;
}

const WORKER_COUNTS = [1, 2, 3] as const;
const MOST = Math.max(...WORKER_COUNTS);

export async function measureWorkers(bench: Bench): Promise<WorkersResult[]> {
  const results: WorkersResult[] = [];
  const scenario = burst(bench.effort.scale);
  for (const workers of WORKER_COUNTS) {
    const free = await withInstallation(bench, { workers }, ({ sandbox, receiver }) =>
      drive(sandbox, receiver, scenario),
    );
    const allowed = workers === MOST ? await measureAllowed(bench) : null;
    results.push({ workers, free, allowed, allowedPerMinute: bench.effort.scale.allowedPerMinute });
  }
  return results;
}

function measureAllowed(bench: Bench): Promise<DriveResult> {
  const options = { workers: MOST, requestsPerMinute: bench.effort.scale.allowedPerMinute };
  return withInstallation(bench, options, ({ sandbox, receiver }) =>
    drive(sandbox, receiver, burst(bench.effort.scale)),
  );
}
