import { condition } from '@temporalio/workflow';
import { isBeingWritten } from '../src/domain/deal/being-written.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import { readIfChanged } from './reading.ts';
import type { Run } from './run.ts';
import { READING } from './run-view.ts';

/**
 * CRMs and their integrations write a deal in several calls. A reading that finds it half written is not acted on: the
 * deal is read again until it has stood still for a while. Nor is a person asked about what may have been put right by
 * then. A deal that stood still before it was won goes on at once, and so does one that a person asks for.
 */
export async function untilStill(run: Run, first: Reading): Promise<Reading> {
  const { stillMs, writingMs } = run.input.policy;
  if (!mayChangeYet(run, first) || (first.kind === 'more' && !isBeingWritten(first.deal, stillMs)))
    return first;
  run.view.update({
    ...READING,
    step: 'Waiting until people and integrations have finished editing the deal',
  });
  let reading = first;
  let stillSince = Date.now();
  const patientUntil = stillSince + writingMs;
  for (;;) {
    const restMs = Math.min(stillSince + stillMs, patientUntil) - Date.now();
    const summary = 'Waits until the deal stands still';
    if (restMs > 0) await condition(() => run.inbox.news !== null, restMs, { summary });
    const changed = await readIfChanged(run);
    if (changed !== null) {
      reading = changed;
      stillSince = Date.now();
    }
    const isOver = Date.now() >= Math.min(stillSince + stillMs, patientUntil);
    if (isOver || !mayChangeYet(run, reading)) return reading;
  }
}

/** What is done about the deal, or asked about it, depends on what is being written. */
function mayChangeYet({ inbox }: Run, reading: Reading): boolean {
  if (inbox.source === 'person') return false;
  if (reading.kind === 'blocked') return true;
  if (reading.kind !== 'more' && reading.kind !== 'fewer' && reading.kind !== 'swapping') return false;
  const { question } = reading;
  return question === null || !inbox.answers.has(question.id);
}
