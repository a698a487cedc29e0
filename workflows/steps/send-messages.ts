import { CancellationScope, CancelledFailure, TemporalFailure } from '@temporalio/workflow';
import { type Delivery, isPastPivot } from '../../src/contracts/hand-over.ts';
import { fixerOf, type Problem, problem } from '../../src/domain/failure.ts';
import { notedLedger } from '../../src/domain/planning/ledger-after.ts';
import type { MessageOutcome, MessageOutcomes } from '../../src/domain/seats/message-outcome.ts';
import { mailInDoubt, mailRefused, mailsInDoubt } from '../../src/domain/texts/mail.ts';
import { countOf } from '../../src/domain/words.ts';
import { outageIn, problemOf } from '../failures.ts';
import { beginSending, haveSent, haveTried, outcomesOf } from '../hand-over.ts';
import { restoreNote } from '../record.ts';
import type { Run } from '../run.ts';
import { forgetMade, noteMade } from '../undo.ts';
import { isResumed } from './attach-roster.ts';

/** What people must settle before everybody was told; empty: everybody was. */
export async function sendMessages(run: Run, delivery: Delivery): Promise<readonly Problem[]> {
  const { plan } = delivery;
  // A cancel that came during the step before was accepted: this is the last moment to obey it.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('Cancelled before the mail');
  const isDone = run.handOver.is === 'sent';
  const outcomes =
    isDone || plan.messages.length === 0 ? outcomesOf(run.handOver) : await send(run, delivery);
  const open = unsettled(plan.messages, outcomes);
  if (open.length === 0) haveSent(run, delivery, outcomes);
  else if (!isPastPivot(run.handOver)) await takeNoteBack(run, delivery);
  return open;
}

/** Shielded from cancellation: once a message may be on its way the run must know what became of it. */
async function send(run: Run, delivery: Delivery): Promise<MessageOutcomes> {
  const { plan, groups } = delivery;
  run.view.update({ step: `Sending ${countOf(plan.messages.length, 'message')} through the CRM` });
  const { lookUpMinMs, lookUpMs, lookUpIntervalMs } = run.input.policy;
  const wasCutOff = run.handOver.is === 'sending' && run.handOver.isUnderWay;
  const known = outcomesOf(run.handOver);
  const before = wasCutOff ? withoutRefused(known) : known;
  const resumed = isResumed(run, plan) || wasCutOff;
  const isRosterOut = isPastPivot(run.handOver) || resumed;
  beginSending(run, delivery);
  // The step notes it on the deal before the first message.
  noteMade(run, { what: 'note', base: plan.base, revision: plan.revision });
  try {
    const outcomes = await CancellationScope.nonCancellable(() =>
      run.call('sendMessages', `Send by ${plan.mailTool.via}`, {
        ...delivery,
        ledger: notedLedger(plan, groups),
        isRosterOut,
        isResumed: resumed,
        outcomes: before,
        finding: run.inbox.retry?.mail ?? null,
        lookUpMinMs,
        lookUpMs,
        lookUpIntervalMs,
      }),
    );
    haveTried(run, delivery, outcomes);
    run.view.update({ messages: receiptsOf(delivery, outcomes) });
    return outcomes;
  } catch (error) {
    if (error instanceof TemporalFailure && !isCutOff(before, error))
      haveTried(run, delivery, afterFailure(delivery, before, error));
    throw error;
  }
}

/** What was refused may have been taken by the try that was cut off. */
function withoutRefused(outcomes: MessageOutcomes): MessageOutcomes {
  return Object.fromEntries(Object.entries(outcomes).filter(([, { is }]) => is !== 'refused'));
}

/**
 * The CRM went away meanwhile: each message may be out, as after another run, and is looked for before it is sent. Unless a
 * person is asked about one of them already.
 */
function isCutOff(before: MessageOutcomes, error: TemporalFailure): boolean {
  return outageIn(error) !== null && Object.values(before).every(({ is }) => is !== 'inDoubt');
}

/**
 * The step looks whose deal it is before the first message. After any other failure each of them may be out, those that
 * were refused before as well: they were tried again.
 */
function afterFailure({ plan }: Delivery, before: MessageOutcomes, error: TemporalFailure): MessageOutcomes {
  const found = problemOf(error);
  if (['run.held_elsewhere', 'run.superseded', 'deal.merged'].includes(found.code)) return before;
  const doubt: MessageOutcome = { is: 'inDoubt', problem: found };
  return Object.fromEntries(
    plan.messages.map(({ sendKey }) => {
      const known = before[sendKey];
      return [sendKey, known === undefined || known.is === 'refused' ? doubt : known];
    }),
  );
}

/** Nobody was told anything, so the deal must not say that somebody may have been. */
async function takeNoteBack(run: Run, { plan }: Delivery): Promise<void> {
  const note = run.made.find(({ what }) => what === 'note');
  const base = note?.what === 'note' ? note.base : plan.base;
  const { isWritten } = await restoreNote(run, base);
  if (isWritten) forgetMade(run, ({ what }) => what === 'note');
}

/** A refusal is told in its own words, and all doubts as one. A message that was not tried waits for the refused one. */
function unsettled(messages: Delivery['plan']['messages'], outcomes: MessageOutcomes): readonly Problem[] {
  const today = new Date(Date.now()).toISOString();
  const refused: Problem[] = [];
  const doubts: Problem[] = [];
  for (const { contactId, sendKey } of messages) {
    const outcome = outcomes[sendKey];
    if (outcome?.is === 'refused') refused.push(inSalesWords(outcome.problem, mailRefused(contactId)));
    if (outcome?.is === 'inDoubt') doubts.push(inSalesWords(outcome.problem, mailInDoubt(contactId, today)));
  }
  const [first] = doubts;
  if (first === undefined || doubts.length === 1) return [...refused, ...doubts];
  const message = `${countOf(doubts.length, 'message')} may or may not have been sent; where only some are missing, send those by hand. The first of them: ${first.message}`;
  const all = problem(first.code, message);
  return [...refused, inSalesWords(all, mailsInDoubt(doubts.length, today))];
}

/** What only an admin can fix stays as its code says it. */
function inSalesWords(found: Problem, onDeal: string): Problem {
  return fixerOf(found.code) === 'sales' ? { ...found, onDeal } : found;
}

export function receiptsOf({ plan }: Delivery, outcomes: MessageOutcomes) {
  return plan.messages.flatMap(({ contactId, audience, sendKey }) => {
    const outcome = outcomes[sendKey];
    if (outcome === undefined || outcome.is === 'refused' || outcome.is === 'inDoubt') return [];
    return [{ contactId, audience, state: outcome.is, reference: outcome.reference }];
  });
}
