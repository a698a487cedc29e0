import type { FastifyRequest } from 'fastify';
import type { EventOutcome, Metrics } from '../../src/observability/metrics.ts';

/** Counts what became of the events of one request: into the metrics, and into the request's log line. */
export interface Tally {
  count(outcome: EventOutcome, events?: number): void;
  /** Counts the events as started when `start` resolves and as failed when it throws. */
  around(events: number, start: () => Promise<void>): Promise<void>;
}

/** `source` is a name of the registry, or `manual`: a sender cannot make new time series. */
export type TallyOf = (source: string, request: FastifyRequest) => Tally;

declare module 'fastify' {
  interface FastifyRequest {
    /** Event outcomes for the log line; null on routes without events. */
    eventCounts: Partial<Record<EventOutcome, number>> | null;
  }
}

export function createTallyOf(metrics: Metrics): TallyOf {
  return (source, request) => {
    const counts: Partial<Record<EventOutcome, number>> = {};
    request.eventCounts = counts;
    const count = (outcome: EventOutcome, events = 1): void => {
      if (events === 0) return;
      counts[outcome] = (counts[outcome] ?? 0) + events;
      metrics.webhookEvents.inc({ source, outcome }, events);
    };
    const around = async (events: number, start: () => Promise<void>): Promise<void> => {
      try {
        await start();
        count('started', events);
      } catch (error) {
        count('failed', events);
        throw error;
      }
    };
    return { count, around };
  };
}
