import type { Deal, StageEntry } from './deal.ts';

/** A stage as the CRM and the catalog see it. */
export interface Stage {
  /** `lost`: closed, and not won. */
  readonly is: 'won' | 'open' | 'lost';
  /** Null in a CRM that knows no pipelines: all its stages are of one. */
  readonly pipeline: string | null;
  /** The catalog says that won deals go on there. */
  readonly isAfterWon: boolean;
}

export interface StageStay extends Stage {
  /** ISO instant. */
  readonly since: string;
}

export interface Standing extends Pick<Deal, 'isWon' | 'stageHistory'> {
  /** Pipelines in whose won stages the deal has been since it was won. */
  readonly wonIn: readonly string[];
}

/**
 * Whether a deal counts as won. Once it is, moves of a fulfilment automation change nothing: it is lost in a closed stage
 * that is not won, and open again in an open stage of the pipeline that it was won in. `history` may be in any order;
 * where two entries share an instant, the earlier one comes first.
 */
export function standingOf(history: readonly StageStay[], now: Stage): Standing {
  const oldestFirst = [...history].sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
  const stageHistory: StageEntry[] = [];
  let won: Won | null = null;
  for (const stay of oldestFirst) {
    won = after(won, stay);
    stageHistory.unshift({ isWon: won !== null, since: stay.since });
  }
  // The history may be older than the deal.
  won = after(won, now);
  return { isWon: won !== null, stageHistory, wonIn: won?.pipelines ?? [] };
}

interface Won {
  readonly startedIn: string | null;
  readonly pipelines: readonly string[];
}

function after(won: Won | null, { is, pipeline, isAfterWon }: Stage): Won | null {
  if (is === 'won') {
    const pipelines = pipeline === null ? [] : [pipeline];
    return won === null
      ? { startedIn: pipeline, pipelines }
      : { ...won, pipelines: [...new Set([...won.pipelines, ...pipelines])] };
  }
  if (won === null || isAfterWon) return won;
  return is === 'open' && pipeline !== won.startedIn ? won : null;
}
