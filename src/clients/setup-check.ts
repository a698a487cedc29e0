import { causesOf } from '../domain/causes.ts';
import type { DealReading } from '../domain/deal/catalog.ts';
import type { NamedInCrm } from '../domain/deal/catalog-names.ts';
import { DealseatError, type FailureCode } from '../domain/failure.ts';
import { numberOf } from '../domain/words.ts';
import { httpRequest, TransportError } from './http.ts';

/** One thing that `dealseat doctor` tried in a remote system. */
export interface SetupCheck {
  /** For example `HubSpot deal property dealseat_status`. */
  readonly name: string;
  /** `missing`: `--fix` or a person has to make it. `skipped`: it could not be tried, and `found` says why. */
  readonly state: 'ok' | 'fixed' | 'warning' | 'missing' | 'failed' | 'skipped';
  readonly found?: string;
  /** What to do, when something is to be done. */
  readonly advice: string | null;
  /** What of the other texts names a customer: shown to the administrator, and left out of what others may read. */
  readonly customers?: readonly string[];
  /** It is about what the catalog names. */
  readonly isOfCatalog?: true;
  /** In milliseconds; absent where it took no call of its own. */
  readonly tookMs?: number;
}

/** What the catalog names of a CRM account, to be looked up there. */
export interface NamesToCheck {
  readonly reading: DealReading;
  readonly named: NamedInCrm | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a try came to. */
export type Finding = Pick<SetupCheck, 'state' | 'found' | 'advice' | 'customers'> & {
  readonly name?: string;
};

export function fine(found?: string): Finding {
  return { state: 'ok', advice: null, ...(found === undefined ? {} : { found }) };
}

export function notTried(found: string, advice: string | null = null): Finding {
  return { state: 'skipped', found, advice };
}

/** What to do about a failure of the system while it is set up; the failure table speaks of runs. */
export type SetupCures = Readonly<Partial<Record<FailureCode, string>>>;

const OTHERWISE = 'Run `dealseat doctor` again; if it stays so, ask the vendor about this answer.';

export function cureOf({ code }: DealseatError, cures: SetupCures): string {
  return cures[code] ?? OTHERWISE;
}

/** A foreseen failure is the finding of the check; bugs and cancellations pass. */
export async function attempt(
  name: string,
  cures: SetupCures,
  run: () => Promise<Finding>,
): Promise<SetupCheck> {
  const startedAt = performance.now();
  const took = () => ({ tookMs: Math.round(performance.now() - startedAt) });
  try {
    return { name, ...(await run()), ...took() };
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    return { name, state: 'failed', found: foundIn(error), advice: cureOf(error, cures), ...took() };
  }
}

/** Why a system is silent, in plain words. */
const SILENCE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  ECONNRESET: 'connection cut',
  ETIMEDOUT: 'no answer in time',
  ETIMEOUT: 'no answer in time',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another host',
};

/** Empty: the error has none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Null: the error does not say. Names no address, which may be a secret. */
export function silenceOf(error: unknown): string | null {
  for (const cause of causesOf(error)) {
    const why = SILENCE[codeOf(cause)];
    if (why !== undefined) return why;
  }
  return null;
}

export function foundIn(error: DealseatError): string {
  if (error.code !== 'lms.unavailable' && error.code !== 'crm.unavailable') return error.message;
  const why = silenceOf(error);
  return why === null ? error.message : `does not answer (${why})`;
}

/** How far the clock of this machine may be off: signed events are good for five minutes. */
const HARMLESS_MS = 30_000;
const WRONG_MS = 120_000;
const CLOCK_TIMEOUT_MS = 10_000;

/** Compares the clock with what the system's answers are dated. The call needs no credentials, so any answer will do. */
export async function checkClock(name: string, url: string, signal?: AbortSignal): Promise<SetupCheck> {
  return attempt(name, {}, async () => {
    try {
      const startedAt = Date.now();
      const { headers, tookMs } = await httpRequest({
        method: 'GET',
        url,
        timeoutMs: CLOCK_TIMEOUT_MS,
        signal,
      });
      const remote = Date.parse(headers.date ?? '');
      if (Number.isNaN(remote)) return notTried('its answers carry no date');
      // Dates have whole seconds: in the middle of it the answer was dated.
      return judgeClock(startedAt + tookMs / 2 - (remote + 500));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return notTried('it does not answer');
    }
  });
}

function judgeClock(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds * 1_000 <= HARMLESS_MS) return fine(`${seconds} s apart`);
  const found = `the clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  const advice = 'Synchronize the clock of this machine (NTP).';
  return { state: seconds * 1_000 > WRONG_MS ? 'failed' : 'warning', found, advice };
}

/** Below this share of a daily quota there is little left for the rest of the day. */
const SCARCE_SHARE = 0.1;

export function judgeQuota({
  remaining,
  limit,
}: {
  readonly remaining: number;
  readonly limit: number;
}): Finding {
  const found = `${numberOf(remaining)} of ${numberOf(limit)} left`;
  if (remaining >= limit * SCARCE_SHARE) return fine(found);
  return {
    state: 'warning',
    found,
    advice: 'Find out which other integration uses the quota, or ask the vendor for more.',
  };
}
