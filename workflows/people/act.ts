import { answerTo, placeAndTime, type SeenAction, saidOnDeal } from '../../src/domain/deal/action.ts';
import { HOW_TO_START_AGAIN, judgeAction } from '../../src/domain/planning/act.ts';
import type { Question } from '../../src/domain/planning/question.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { orFound } from '../notices.ts';
import { readDeal } from '../reading.ts';
import { takeOffDeal } from '../record.ts';
import type { Run } from '../run.ts';

/**
 * What people set in the action field of a deal. Each is taken off the deal before anything comes of it, so none is carried
 * out twice, and emptying the field wakes nothing.
 */

/** An action that this run can still take off the deal. */
export function actionOn({ deal, untakenAction }: Run): SeenAction | null {
  const action = deal.action ?? null;
  return action !== null && nameOf(action) !== untakenAction ? action : null;
}

/**
 * An action on a deal that shows the question, which is asked now as well. Showing a question empties the field, so what
 * stands there by now was set by somebody who could read it. True: it answers the question.
 */
export async function heedAnswer(run: Run, question: Question, onDeal: string): Promise<boolean> {
  const action = actionOn(run);
  if (action === null) return false;
  const verdict = judgeAction(action, question);
  if (verdict.is === 'unfit') {
    const detail = `${answerTo(action, verdict.why)}\n${onDeal}`;
    await takeOff(run, action, { status: 'NeedsAttention', detail });
    return false;
  }
  const said = saidOnDeal(action);
  if (!(await takeOff(run, action, { status: 'Planning', detail: `${said}. Dealseat goes on.` })))
    return false;
  run.view.update({ actions: [...(run.view.progress.actions ?? []), said] });
  const request = { question: question.id, by: action.by, reason: placeAndTime(action) };
  if (verdict.is === 'answer') run.inbox.answer(question.id, { ...request, verb: verdict.verb });
  else run.inbox.goOn({ ...request, ...(verdict.mail === undefined ? {} : { mail: verdict.mail }) });
  return true;
}

/**
 * An action on a deal that asks nothing. Retry is a person's wish for the deal, as the command `provision` is; anything else
 * answers nothing, and the deal says so. What the deal is about to ask answers it by itself.
 */
export async function heedFirst(run: Run, reading: Reading): Promise<Reading> {
  const action = actionOn(run);
  if (action === null || reading.kind === 'merged' || isWaiting(run, reading)) return reading;
  if (action.action === 'Retry') {
    const detail = answerTo(action, 'Dealseat reads the deal again.');
    if (!(await takeOff(run, action, { status: null, detail }))) return reading;
    run.view.update({ actions: [...(run.view.progress.actions ?? []), saidOnDeal(action)] });
    run.retriedBy = action;
    run.inbox.askAgain();
    return readDeal(run);
  }
  if (!isAsking(reading)) {
    const nothing = 'Dealseat asks nothing on this deal now.';
    const answer = reading.kind === 'nothing' ? `${nothing} ${HOW_TO_START_AGAIN}` : nothing;
    await takeOff(run, action, { status: null, detail: answerTo(action, answer) });
  }
  return reading;
}

/** The answer to a Retry that changed nothing, above what the deal says; empty where nobody asked for one. */
export function answerToRetry({ retriedBy }: Run): string {
  return retriedBy === null ? '' : `${answerTo(retriedBy, 'There is nothing to do.')}\n`;
}

async function takeOff(
  run: Run,
  action: SeenAction,
  said: Parameters<typeof takeOffDeal>[2],
): Promise<boolean> {
  run.deal = { ...run.deal, action: null };
  const what = 'Dealseat could not empty the action field of the deal';
  const isTaken = await orFound(run, what, () => takeOffDeal(run, action, said));
  if (isTaken === true) return true;
  // Otherwise every look at the deal would find it anew.
  run.untakenAction = nameOf(action);
  return false;
}

function nameOf({ text, setAt }: SeenAction): string {
  return `${text} ${setAt}`;
}

/** The question that people know is asked still: the wait for its answer heeds the action. */
function isWaiting({ open }: Run, reading: Reading): boolean {
  return open?.isShown === true && questionOf(reading)?.id === open.question.id;
}

function isAsking(reading: Reading): boolean {
  return reading.kind === 'blocked' || questionOf(reading) !== null;
}

export function questionOf(reading: Reading): Question | null {
  return reading.kind === 'more' || reading.kind === 'fewer' || reading.kind === 'swapping'
    ? reading.question
    : null;
}
