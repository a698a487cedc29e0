/**
 * Which deployment of Dealseat works on a deal, kept in a field of the deal: two deployments that serve one account
 * by mistake have no other place in common, and the platform takes two groups of one label.
 */
export interface Claim {
  /** Temporal namespace, a slash and its id: within one there is one open run a deal, so it needs no claim. */
  readonly deployment: string;
  /** ISO instant of the writing. */
  readonly at: string;
  /** The deal was delivered: whoever needs it next may have it, once it has read what was done. */
  readonly isDone: boolean;
}

/** Milliseconds; `claimSettleMs` and `claimLeaseMs` of the policy. */
export interface ClaimBounds {
  /** From the writing of a claim to the reading that proves it. */
  readonly settleMs: number;
  /** A claim that is older is the claim of a deployment that is gone. */
  readonly leaseMs: number;
}

export type ClaimVerdict =
  /** Write ours. */
  | { readonly is: 'free' }
  /** Ours, and too young to be believed. */
  | { readonly is: 'settling'; readonly restMs: number }
  /** Ours, for at least half of the lease. */
  | { readonly is: 'held' }
  /** Another deployment works on the deal, or has done so since we read it. */
  | { readonly is: 'elsewhere' };

interface ClaimContext {
  readonly deployment: string;
  /** The field as it was when the deal was read and planned. */
  readonly seen: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly bounds: ClaimBounds;
}

export function judgeClaim(text: string | null, context: ClaimContext): ClaimVerdict {
  const { deployment, seen, now, bounds } = context;
  const claim = parseClaim(text);
  if (claim === null) return { is: 'free' };
  const age = now - Date.parse(claim.at);
  // A clock may be wrong, or a person have edited the field: no claim lasts for ever.
  const isOver = claim.isDone || Math.abs(age) >= bounds.leaseMs;
  if (claim.deployment !== deployment) return { is: isOver && text === seen ? 'free' : 'elsewhere' };
  // Renewed at half time, so that a step that begins with it does not outlast it.
  if (isOver || age >= bounds.leaseMs / 2) return { is: 'free' };
  const restMs = bounds.settleMs - age;
  return restMs > 0 ? { is: 'settling', restMs } : { is: 'held' };
}

/** One line that people can read too. */
export function formatClaim({ deployment, at, isDone }: Claim): string {
  return `${isDone ? 'done' : 'working'} ${at} ${deployment}`;
}

/** Null for an empty field, and for a text that is no claim: people can edit it. */
export function parseClaim(text: string | null): Claim | null {
  const [, state, at, deployment] = /^(working|done) (\d{4}-\S+Z) (\S+)$/.exec(text ?? '') ?? [];
  if (at === undefined || deployment === undefined || Number.isNaN(Date.parse(at))) return null;
  return { deployment, at, isDone: state === 'done' };
}
