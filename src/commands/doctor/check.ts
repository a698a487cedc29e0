import type { SetupCheck } from '../../clients/setup-check.ts';

/** One thing that was tried. The form is that of `--json`, which support and scripts read. */
export interface DoctorCheck {
  /** For example `Temporal` or `HubSpot`. */
  readonly group: string;
  readonly name: string;
  /** `skipped`: it could not be tried, and `found` says why. */
  readonly state: 'ok' | 'fixed' | 'warning' | 'failed' | 'skipped';
  readonly found: string | null;
  /** What to do about it. */
  readonly cure: string | null;
  readonly tookMs: number;
  /** Names of customers in the texts; the JSON shows neither this nor them. */
  readonly customers?: readonly string[];
}

/** A check before it is known how long it took. */
export type Tried = Omit<DoctorCheck, 'tookMs' | 'group'>;

export function ok(name: string, found: string | null = null): Tried {
  return { name, state: 'ok', found, cure: null };
}

export function warning(name: string, found: string, cure: string): Tried {
  return { name, state: 'warning', found, cure };
}

export function failed(name: string, found: string, cure: string): Tried {
  return { name, state: 'failed', found, cure };
}

export function skipped(name: string, found: string, cure: string | null = null): Tried {
  return { name, state: 'skipped', found, cure };
}

/** What a client found of its remote system. */
export function ofSetup({ name, state, found, advice, customers }: SetupCheck): Tried {
  const named = customers === undefined ? {} : { customers };
  return state === 'missing'
    ? { name, state: 'failed', found: found ?? 'missing', cure: advice, ...named }
    : { name, state, found: found ?? null, cure: advice, ...named };
}
