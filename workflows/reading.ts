import type { DealSummary } from '../src/domain/planning/plan.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import type { Run } from './run.ts';
import { READING } from './run-view.ts';

/** Reads the deal and what its plan depends on. */
export async function readDeal(run: Run): Promise<Reading> {
  run.view.update(READING);
  run.inbox.takeNews();
  const { source } = run.inbox;
  const reading = await run.call('planDeal', 'Read the deal and plan', { source });
  if (reading.kind === 'unchanged') throw new TypeError('A reading without `seen` cannot be unchanged');
  return take(run, reading);
}

/** Reads the deal alone, if it is what it was: null then. */
export async function readIfChanged(run: Run): Promise<Reading | null> {
  if (run.seen === null) return readDeal(run);
  run.inbox.takeNews();
  const { source } = run.inbox;
  const reading = await run.call('planDeal', 'See whether the deal has changed', {
    source,
    seen: run.seen,
  });
  if (reading.kind !== 'unchanged') return take(run, reading);
  haveReadUpTo(run, reading.changedAt);
  run.view.tellReading();
  return null;
}

/**
 * What the deal asks for by now, as an event would find it: whoever asked for it before has had an answer. Null: it
 * could not be read, which is no fault of what was done before.
 */
export async function lookOnceMore(run: Run): Promise<Reading | null> {
  run.inbox.takeNews();
  const reading = await run.call('planDeal', 'See whether the deal asks for more by now', {
    source: 'event',
  });
  return reading.kind === 'unchanged' ? null : take(run, reading);
}

function take(run: Run, reading: Reading): Reading {
  run.deal = reading.deal;
  run.seen = reading.hash;
  haveReadUpTo(run, reading.deal.changedAt);
  run.view.update({ dealName: reading.deal.name, dealUrl: reading.deal.url });
  return reading;
}

function haveReadUpTo(run: Run, changedAt: DealSummary['changedAt']): void {
  run.view.haveRead(changedAt);
}
