/**
 * Which run of which deployment works on a deal, kept in a field of the deal. Two deployments that serve one account by
 * mistake have no other place in common; and a run that was reset, whose deal was taken on by a later one meanwhile,
 * learns it here.
 */
export interface Hold {
  /** Temporal namespace, a slash and its id. */
  readonly deployment: string;
  /** The first run of the chain that continued as new or was reset: all of them are one run here. */
  readonly run: string;
  /** ISO instant of the writing. */
  readonly at: string;
  /** The run is over: whoever needs the deal next may have it, once it has read what was done. */
  readonly isDone: boolean;
  /** Of a hold that is done: a short hash of what the run wrote as its last word. */
  readonly wrote?: string;
}

/** Milliseconds; `holdPauseMs`, `holdLeaseMs` and `holdTrustMs` of the policy. */
export interface HoldBounds {
  /** From the writing of a hold to the reading that proves it. */
  readonly pauseMs: number;
  /** An older hold is that of a deployment that is gone. */
  readonly leaseMs: number;
  /** Within it, whoever has proven a hold need not look whether it is still there. */
  readonly trustMs?: number;
}

export type HoldVerdict =
  /** Write ours. */
  | { readonly is: 'free' }
  /** Ours, and too young to be believed. */
  | { readonly is: 'fresh'; readonly restMs: number }
  /** Ours, for at least half of the lease. */
  | { readonly is: 'held' }
  /** Ours, and done by the very writing that is to be made: an attempt whose answer was lost has made it. */
  | { readonly is: 'written' }
  /** Another run of this deployment had the deal since it was read, or this one was done with it. */
  | { readonly is: 'superseded' }
  /** Another deployment works on the deal, or has done so since it was read. */
  | { readonly is: 'elsewhere' };

/** For a run that has not read the deal yet, and so knows of no other run's work on it. */
export const NOT_READ = 'not read';

export interface HoldContext {
  readonly deployment: string;
  readonly run: string;
  /** The field as it was when the deal was read and planned; or `NOT_READ`. */
  readonly seen: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly bounds: HoldBounds;
  /** Hash of the last word that is about to be written; absent in all other steps. */
  readonly writes?: string | undefined;
}

export function judgeHold(text: string | null, context: HoldContext): HoldVerdict {
  const { deployment, run, seen, now, bounds, writes } = context;
  const hold = parseHold(text);
  if (hold === null) return { is: 'free' };
  const age = now - Date.parse(hold.at);
  // A clock may be wrong, or a person have edited the field: no hold lasts for ever.
  const isOver = hold.isDone || Math.abs(age) >= bounds.leaseMs;
  const isKnown = text === seen || seen === NOT_READ;
  if (hold.deployment !== deployment) return { is: isOver && isKnown ? 'free' : 'elsewhere' };
  if (hold.run === run && hold.wrote !== undefined && hold.wrote === writes) return { is: 'written' };
  // Within one deployment a deal has one open run, so whatever the reading knew of is over.
  if (hold.run !== run || hold.isDone) return { is: isKnown ? 'free' : 'superseded' };
  // Renewed at half time, so that a step that begins with it does not outlast it.
  if (isOver || age >= bounds.leaseMs / 2) return { is: 'free' };
  // Never longer, though the clock that it was written by be ahead of ours.
  const restMs = bounds.pauseMs - Math.max(0, age);
  return restMs > 0 ? { is: 'fresh', restMs } : { is: 'held' };
}

/** One line that people can read too. */
export function formatHold({ deployment, run, at, isDone, wrote }: Hold): string {
  return [isDone ? 'done' : 'working', at, deployment, run, ...(wrote === undefined ? [] : [wrote])].join(
    ' ',
  );
}

/** Null for an empty field, and for a text that is no hold: people can edit it. */
export function parseHold(text: string | null): Hold | null {
  const [, state, at, deployment, run, wrote] =
    /^(working|done) (\d{4}-\S+Z) (\S+) (\S+)(?: ([0-9a-f]{8}))?$/.exec(text ?? '') ?? [];
  if (at === undefined || deployment === undefined || run === undefined) return null;
  if (Number.isNaN(Date.parse(at))) return null;
  return { deployment, run, at, isDone: state === 'done', ...(wrote === undefined ? {} : { wrote }) };
}
