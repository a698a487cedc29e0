import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { causeOf, type RaiseAlertInput } from '../contracts/alert.ts';
import { outageId, systemOf } from '../contracts/outage.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import { DealseatError, problem } from '../domain/failure.ts';
import { type Outage, outageOf } from '../domain/outage.ts';
import { momentInWords } from '../domain/texts/days.ts';
import { sentence } from '../domain/texts/sentences.ts';

interface WatchOptions {
  /** How long a system must be away, without an answer in between. */
  readonly awayMs: number;
  readonly raise: (alert: RaiseAlertInput) => Promise<unknown>;
  /** An alert could not be raised. The next attempt of the step tries again. */
  readonly onFailed: (error: unknown) => void;
  readonly now?: () => number;
}

interface Away {
  readonly sinceMs: number;
  lastMs: number;
  /** Deals of which the alert knows. */
  readonly deals: Set<string>;
}

/** Enough for an alert to name and count; more deals add nothing. */
const MAX_DEALS = 1_000;

/**
 * Alerts those who run Dealseat to a system that has been away for a while, long before the steps that repeat their calls
 * give up. Kept by each worker for itself, so that no run has an event of it; all of them raise one alert.
 */
export class OutageWatch {
  readonly #options: WatchOptions;
  readonly #away = new Map<string, Away>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A step of the deal has met the failure. Returns at once. */
  failed(deal: WatchedDeal, { code, message }: DealseatError): void {
    const outage = outageOf(code);
    if (outage === null) return;
    const { awayMs, raise, onFailed, now = Date.now } = this.#options;
    const key = keyOf(outage, deal);
    const known = this.#away.get(key);
    // Of a system that was asked for nothing in so long a time, nobody knows whether it was away.
    const isSame = known !== undefined && now() - known.lastMs < awayMs;
    const away = isSame ? known : { sinceMs: now(), lastMs: now(), deals: new Set<string>() };
    away.lastMs = now();
    this.#away.set(key, away);
    const { dealId } = deal;
    if (now() - away.sinceMs < awayMs || away.deals.has(dealId) || away.deals.size >= MAX_DEALS) return;
    away.deals.add(dealId);
    const since = momentInWords(away.sinceMs);
    const found = problem(code, `${sentence(message)} It has not answered since ${since}`);
    const { crm, account, name, url } = deal;
    const waiting = { crm, account, dealId, name, url };
    raise({
      cause: causeOf(found, deal),
      message: found.message,
      cure: found.cure,
      deal: waiting,
    }).catch((error: unknown) => {
      away.deals.delete(dealId);
      onFailed(error);
    });
  }

  /** A step has shown that the system answers. */
  answered(outage: Outage, deal: DealRef): void {
    this.#away.delete(keyOf(outage, deal));
  }
}

function keyOf(outage: Outage, deal: DealRef): string {
  return outageId(systemOf(outage, deal));
}

type WatchedDeal = RaiseAlertInput['deal'];

/** Steps that cannot end well without an answer of these systems. */
const PROVES: Readonly<Record<string, readonly Outage[]>> = {
  planDeal: ['crm'],
  attachRoster: ['crm', 'store'],
  writeRecord: ['crm'],
  concludeDelivery: ['crm'],
  ensureCodeGroup: ['lms'],
  awaitCodes: ['lms'],
};

/** Reports to the watch how each step of a deal ends; others pass. Wants our failures, not yet Temporal's. */
export function watchedBy(watch: OutageWatch | undefined) {
  return ({ info }: Context): ActivityInboundCallsInterceptor => ({
    async execute(input, next) {
      const deal = watch && dealIn(input.args[0]);
      if (!deal) return await next(input);
      try {
        const result = await next(input);
        for (const outage of PROVES[info.activityType] ?? []) watch.answered(outage, deal);
        return result;
      } catch (error) {
        if (error instanceof DealseatError) watch.failed(deal, error);
        throw error;
      }
    },
  });
}

interface StepInput {
  readonly deal?: DealRef;
  readonly plan?: Named & { readonly deal: DealRef };
  readonly withdrawal?: Named & { readonly deal: DealRef };
}

interface Named {
  readonly dealName?: string;
  readonly dealUrl?: string;
}

function dealIn(input: unknown): WatchedDeal | null {
  const { deal, plan, withdrawal } = (input ?? {}) as StepInput;
  const named = plan ?? withdrawal;
  const ref = deal ?? named?.deal;
  if (ref === undefined) return null;
  return { ...ref, name: named?.dealName ?? `Deal ${ref.dealId}`, url: named?.dealUrl ?? '' };
}
