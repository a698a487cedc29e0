import { type Lane, laneFor } from '../../src/contracts/lane.ts';
import type { RunToStart } from './run-to-start.ts';

/** Notes the deals of one request, and tells the lane of each of them. */
export type ChooseLane = (runs: readonly RunToStart[]) => (run: RunToStart) => Lane;

/** Neither CRM says how it cuts an import into requests, so what counts is how many deals came within this time. */
const WINDOW_MS = 60_000;

/** Far more than make an import: whichever deals are forgotten first, what is left says the same. */
const MAX_REMEMBERED = 1_000;

interface ChooseLaneOptions {
  /** So many deals of one origin may start within a minute before it is an import. */
  readonly normalStartsPerMinute?: number;
  /** A clock that never goes back. */
  readonly monotonicMs?: (() => number) | undefined;
}

/** In memory: a server that restarts has seen nothing, and each of several servers counts what it was sent. */
export function createChooseLane({
  normalStartsPerMinute,
  monotonicMs = () => performance.now(),
}: ChooseLaneOptions = {}): ChooseLane {
  /** Each deal with the moment it was first heard of: the oldest first. */
  const remembered = new Map<string, { readonly origin: string; readonly heardMs: number }>();
  /** How many of them each origin has: counted along, because every request asks. */
  const counts = new Map<string, number>();

  const forgetUntil = (oldestMs: number, size: number): void => {
    for (const [deal, { origin, heardMs }] of remembered) {
      if (heardMs > oldestMs && remembered.size <= size) return;
      remembered.delete(deal);
      const left = (counts.get(origin) ?? 0) - 1;
      if (left > 0) counts.set(origin, left);
      else counts.delete(origin);
    }
  };
  return (runs) => {
    const nowMs = monotonicMs();
    forgetUntil(nowMs - WINDOW_MS, MAX_REMEMBERED);
    for (const run of runs) {
      const origin = originOf(run);
      const deal = `${origin} ${run.ref.dealId}`;
      if (remembered.has(deal)) continue;
      remembered.set(deal, { origin, heardMs: nowMs });
      counts.set(origin, (counts.get(origin) ?? 0) + 1);
    }
    // Imports come in batches. A deal without a source that comes alone is taken for one won by hand.
    const isAlone = runs.length === 1;
    return (run) => {
      if (run.changeSource === undefined && isAlone) return 'normal';
      return laneFor(counts.get(originOf(run)) ?? 0, normalStartsPerMinute);
    };
  };
}

/**
 * Whose changes are counted together. HubSpot names the means by which a deal was changed, Salesforce the user, if its
 * admin chose that field: so a deal that a person wins by hand is not counted with those that an import wins meanwhile.
 * The names are no closed list: they are compared only.
 */
function originOf({ ref, changeSource = '' }: RunToStart): string {
  return `${ref.crm} ${ref.account} ${changeSource}`;
}
