import { DealseatError } from '../../domain/failure.ts';
import type { Call } from '../call.ts';
import { BudgetExceeded, RequestBudget } from '../request-budget.ts';
import type { QuotaReading } from '../request-pace.ts';

/** The request quota of the portal as this process sees it: all calls of one adapter share one. */
export interface Quota {
  /** Waits for a turn, makes the call, and holds everybody back when HubSpot refuses it for the quota. */
  spend<T>(call: Call & { readonly signal?: AbortSignal | undefined }, run: () => Promise<T>): Promise<T>;
  /** Takes note of what the headers of an answer say is left. */
  observe(headers: Headers): void;
  /** What the last answer said of the day; null: none did. */
  daily(): DailyQuota | null;
}

interface DailyQuota {
  readonly limit: number;
  readonly remaining: number;
}

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * HubSpot's burst limit differs by tier (100 to 250 in ten seconds) and is told with every answer, so we set no
 * pace of our own: this only bounds what goes out before the first answer.
 */
const OWN_BUDGET = { requestsPerMinute: 60_000, burst: 50 };

export function createQuota({ maxWaitMs }: { readonly maxWaitMs: number }): Quota {
  const budget = new RequestBudget(OWN_BUDGET);
  let daily: DailyQuota | null = null;
  return {
    async spend(call, run) {
      await budget.turn({ maxWaitMs, signal: call.signal }).catch((error: unknown) => {
        throw error instanceof BudgetExceeded ? refusedTurn(call, error) : error;
      });
      try {
        return await run();
      } catch (error) {
        if (error instanceof DealseatError && error.code === 'crm.rate_limited') {
          budget.holdFor(error.retryAfterMs ?? 0);
        }
        throw error;
      }
    },
    observe: (headers) => {
      const reading = readQuota(headers);
      if (reading) budget.observe(reading);
      daily = readDaily(headers) ?? daily;
    },
    daily: () => daily,
  };
}

/** HubSpot's is ten seconds. Without a bound an odd answer would keep every call back, and no other could correct it. */
const LONGEST_WINDOW_MS = 60_000;

/** The window rolls, so at the latest after its whole length there is room again. Searches carry no headers. */
function readQuota(headers: Headers): QuotaReading | null {
  const limit = Number(headers['x-hubspot-ratelimit-max'] ?? Number.NaN);
  const remaining = Number(headers['x-hubspot-ratelimit-remaining'] ?? Number.NaN);
  const resetMs = Number(headers['x-hubspot-ratelimit-interval-milliseconds'] ?? Number.NaN);
  const isComplete = [limit, remaining, resetMs].every((value) => Number.isFinite(value) && value >= 0);
  if (!isComplete || limit === 0) return null;
  return { limit, remaining, resetMs: Math.min(resetMs, LONGEST_WINDOW_MS) };
}

/** Tokens of OAuth apps have none. */
function readDaily(headers: Headers): DailyQuota | null {
  const limit = Number(headers['x-hubspot-ratelimit-daily'] ?? Number.NaN);
  const remaining = Number(headers['x-hubspot-ratelimit-daily-remaining'] ?? Number.NaN);
  return limit > 0 && remaining >= 0 ? { limit, remaining } : null;
}

function refusedTurn(call: Call, { message, retryAfterMs }: BudgetExceeded): DealseatError {
  return new DealseatError({
    code: 'crm.rate_limited',
    message: `HubSpot: ${call.name}: not sent, because ${message}.`,
    retryAfterMs,
  });
}
