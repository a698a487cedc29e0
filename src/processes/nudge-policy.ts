import type { Config } from '../config/config.ts';
import { loadNudgePolicy } from '../config/load-catalog.ts';
import type { NudgePolicy } from '../domain/seats/nudge-standing.ts';

/**
 * What the catalog says of reminders, for a process that shows them. It is read when it is first asked for, as it was when
 * the worker of this process started. Null: it cannot be read here, so only reminders that were due are known.
 */
export function nudgePolicyOf({
  catalogPath,
  knownCrms,
}: Pick<Config, 'catalogPath' | 'knownCrms'>): () => Promise<NudgePolicy | null> {
  let read: Promise<NudgePolicy | null> | null = null;
  return () => {
    read ??= loadNudgePolicy(catalogPath, knownCrms).catch(() => null);
    return read;
  };
}
