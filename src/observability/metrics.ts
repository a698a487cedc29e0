import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What became of a request as a whole. */
export type RequestOutcome = 'accepted' | 'forged' | 'rate_limited' | 'refused' | 'unavailable';

/**
 * What became of one event of a request. Labels are closed sets, as sources are (the CRMs and `manual`): a sender cannot
 * make new time series.
 */
export type EventOutcome =
  | 'started'
  | 'failed'
  | 'malformed'
  | 'not_won'
  | 'other_account'
  | 'other_object'
  | 'other_event';

export interface Metrics {
  readonly registry: Registry;
  readonly webhookRequests: Counter<'source' | 'outcome'>;
  readonly webhookEvents: Counter<'source' | 'outcome'>;
  readonly httpSeconds: Histogram<'route' | 'status'>;
  readonly sweepMissed: Counter<'crm'>;
  readonly untold: Counter<'crm'>;
  readonly alertsSent: Counter<'channel' | 'state' | 'code'>;
  /** Set by the worker, just before it is read. */
  readonly dealsWaiting: Gauge<'fixer' | 'code'>;
  readonly seatOperationsWaiting: Gauge<'code'>;
}

/** A registry of its own, so that two servers in one process (tests, the demo) do not share counters. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    webhookRequests: new Counter({
      name: 'dealseat_webhook_requests_total',
      help: 'Webhook requests by source and outcome.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    webhookEvents: new Counter({
      name: 'dealseat_webhook_events_total',
      help: 'Events inside accepted webhook requests by source and outcome.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'dealseat_http_request_seconds',
      help: 'Time to answer, by route pattern and status.',
      labelNames: ['route', 'status'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
      registers,
    }),
    sweepMissed: new Counter({
      name: 'dealseat_sweep_missed_total',
      help: 'Won deals that the sweep found and no webhook had told of, by CRM.',
      labelNames: ['crm'],
      registers,
    }),
    untold: new Counter({
      name: 'dealseat_untold_total',
      help: 'Times that neither a deal nor its owner could be told what the deal needs, by CRM.',
      labelNames: ['crm'],
      registers,
    }),
    alertsSent: new Counter({
      name: 'dealseat_alerts_sent_total',
      help: 'Alerts sent to the operators, by channel, state and failure code.',
      labelNames: ['channel', 'state', 'code'],
      registers,
    }),
    dealsWaiting: new Gauge({
      name: 'dealseat_deals_waiting',
      help: 'Deals that wait for a person, by who can fix it and failure code.',
      labelNames: ['fixer', 'code'],
      registers,
    }),
    seatOperationsWaiting: new Gauge({
      name: 'dealseat_seat_operations_waiting',
      help: 'Changes of seats that wait for those who run Dealseat, by failure code.',
      labelNames: ['code'],
      registers,
    }),
  };
}
