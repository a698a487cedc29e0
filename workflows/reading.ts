import type { Source } from '../src/contracts/run.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import type { Run } from './run.ts';
import { READING } from './run-view.ts';

/** Reads the deal and what its plan depends on. */
export async function readDeal(run: Run): Promise<Reading> {
  run.view.update(READING);
  run.inbox.takeNews();
  return take(run, await read(run, 'Read the deal and plan', { source: run.inbox.source }));
}

/** Reads the deal alone, if it is what it was: null then. */
export async function readIfChanged(run: Run): Promise<Reading | null> {
  if (run.seen === null) return readDeal(run);
  run.inbox.takeNews();
  const { source } = run.inbox;
  const reading = await run.call('planDeal', 'See whether the deal has changed', {
    ...asked(run, { source }),
    seen: run.seen,
  });
  if (reading.kind !== 'unchanged') return take(run, reading);
  run.deal = { ...run.deal, ...(reading.action === undefined ? {} : { action: reading.action }) };
  run.view.haveRead(reading.changedAt);
  run.view.tellReading();
  return null;
}

/**
 * What the deal asks for by now, as an event would find it: whoever asked for it before has had an answer. The run goes on
 * showing what it is at, because one that is being undone can neither be cancelled nor answered.
 */
export async function lookOnceMore(run: Run, summary = 'Read the deal once more'): Promise<Reading> {
  run.inbox.takeNews();
  return take(run, await read(run, summary, { source: 'event' }));
}

/** The same after the last write, in one call where nobody has changed the deal since it was read: null then. */
export async function lookForChange(run: Run): Promise<Reading | null> {
  const { print } = run.deal;
  if (print === undefined) return lookOnceMore(run);
  run.inbox.takeNews();
  const reading = await run.call('planDeal', 'See whether the deal asks for more by now', {
    ...asked(run, { source: 'event' }),
    print,
  });
  if (reading.kind !== 'unchanged') return take(run, reading);
  run.view.haveRead(reading.changedAt);
  return null;
}

async function read(run: Run, summary: string, asking: { readonly source: Source }): Promise<Reading> {
  const reading = await run.call('planDeal', summary, asked(run, asking));
  if (reading.kind === 'unchanged') throw new TypeError('A reading without `seen` cannot be unchanged');
  return reading;
}

function asked<A extends { readonly source: Source }>({ input }: Run, asking: A) {
  const { closedLongAgoMs, lookUpMinMs, lookUpMs, lookUpIntervalMs } = input.policy;
  return { ...asking, closedLongAgoMs, lookUps: { lookUpMinMs, lookUpMs, lookUpIntervalMs } };
}

function take(run: Run, reading: Reading): Reading {
  run.deal = reading.deal;
  run.seen = reading.hash;
  run.view.haveRead(reading.deal.changedAt);
  run.view.update({ dealName: reading.deal.name, dealUrl: reading.deal.url });
  return reading;
}
