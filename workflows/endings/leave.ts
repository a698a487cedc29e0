import { isPastPivot } from '../../src/contracts/hand-over.ts';
import { activeSeats } from '../../src/domain/deal/ledger.ts';
import { problem } from '../../src/domain/failure.ts';
import type { Answer, Question } from '../../src/domain/planning/question.ts';
import { deliveredText } from '../../src/domain/texts/delivered.ts';
import { decisionText } from '../../src/domain/texts/endings.ts';
import { endHandOver } from '../hand-over.ts';
import { closeAsked } from '../notices.ts';
import { markDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { resultWithoutDelivery } from './results.ts';
import { handedOut } from './skip.ts';

/**
 * A person leaves the deal as it is: more seats are not made, or fewer are not withdrawn. It is noted, so that nobody is
 * asked the same again; whatever else the deal asks for is another pass.
 */
export async function leaveAsItIs(run: Run, question: Question, answer: Answer): Promise<Step> {
  const ledger = question.ifLeft;
  if (ledger === null) throw new TypeError(`Question ${question.id} has nothing to leave`);
  forgetMade(run, handedOut(ledger));
  if (!isPastPivot(run.handOver)) await undoMade(run);
  endHandOver(run);
  const { by, reason } = answer;
  const isKept = answer.verb === 'keep';
  const decision = decisionText({ verb: isKept ? 'keep' : 'reject', by, reason, at: Date.now() });
  const told = question.ifRejected === undefined ? decision : `${question.ifRejected} ${decision}`;
  const seats = activeSeats(ledger);
  const detail = seats === 0 ? told : `${deliveredText(ledger)}\n${told}`;
  // What an earlier run began to hand over is still to be handed over.
  const isUnfinished = ledger.isPending === true && seats > 0;
  const status = isUnfinished ? 'Planning' : seats > 0 ? 'Delivered' : 'Skipped';
  run.view.update({ step: 'Noting on the deal what was decided' });
  await markDeal(run, { status, detail, facts: null, ledger });
  await closeAsked(run);
  const isRejected = problem('approval.rejected', told);
  if (!isKept) run.view.nameReason(isRejected.code);
  run.view.update({ status: isKept ? 'Delivered' : 'Skipped', step: told, problems: [], question: null });
  const result = isKept
    ? { ...resultWithoutDelivery(run, 'Delivered', { detail, code: null }), seatCount: seats }
    : resultWithoutDelivery(run, 'Skipped', { detail: told, code: isRejected.code });
  return { is: 'over', result, needsLook: true };
}
