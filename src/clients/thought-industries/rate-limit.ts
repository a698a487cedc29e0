import type { QuotaReading } from '../request-pace.ts';
import { isJsonObject } from './layers.ts';

type Headers = Readonly<Record<string, string>>;

/** The longest window seen in practice is 15 minutes; anything beyond is a broken header. */
const LONGEST_WAIT_MS = 15 * 60_000 + 5_000;
/** Up to this share on top, so that several workers do not come back in the same instant. */
export const JITTER_SHARE = 0.1;

/** `X-RateLimit-Limit`, `-Remaining` and `-Reset` (epoch seconds), or null when they are not all there. */
export function readQuota(headers: Headers, now: number): QuotaReading | null {
  const limit = wholeNumber(headers['x-ratelimit-limit']);
  const remaining = wholeNumber(headers['x-ratelimit-remaining']);
  const resetMs = untilReset(headers, now);
  if (limit === null || remaining === null || resetMs === null || limit === 0) return null;
  return { limit, remaining, resetMs: Math.min(resetMs, LONGEST_WAIT_MS) };
}

/**
 * How long to wait after a 429: the longest of what header, body and window say, plus jitter; null when none of them
 * says anything. Published figures disagree and `Retry-After` may be missing, so no single source is trusted.
 */
export function waitAfterRefusal(
  headers: Headers,
  body: unknown,
  now: number,
  random: () => number,
): number | null {
  const asked = [retryAfter(headers, now), retryAfterInBody(body), untilReset(headers, now)];
  const longest = Math.max(0, ...asked.map((ms) => ms ?? 0));
  return longest === 0 ? null : withJitter(longest, random);
}

/** How long a 503 asks us to wait, if it does. */
export function waitWhileUnavailable(headers: Headers, now: number, random: () => number): number | null {
  const ms = retryAfter(headers, now);
  return ms === null ? null : withJitter(ms, random);
}

function withJitter(ms: number, random: () => number): number {
  return Math.min(Math.ceil(ms * (1 + JITTER_SHARE * random())), LONGEST_WAIT_MS);
}

/** Seconds or an HTTP date. */
function retryAfter(headers: Headers, now: number): number | null {
  const value = headers['retry-after'];
  const seconds = wholeNumber(value);
  if (seconds !== null) return seconds * 1000;
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? null : Math.max(0, date - serverNow(headers, now));
}

function retryAfterInBody(body: unknown): number | null {
  if (!isJsonObject(body)) return null;
  const seconds = body.retryAfter;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null;
}

function untilReset(headers: Headers, now: number): number | null {
  const reset = wholeNumber(headers['x-ratelimit-reset']);
  return reset === null ? null : Math.max(0, reset * 1000 - serverNow(headers, now));
}

/** The server's clock where it shows it: ours may be minutes off. */
function serverNow(headers: Headers, now: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? now : date;
}

function wholeNumber(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,15}$/.test(value.trim()) ? Number(value) : null;
}
