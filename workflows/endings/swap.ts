import type { Answer, Question } from '../../src/domain/planning/question.ts';
import type { Swapping } from '../../src/domain/planning/reading.ts';
import { swappingText } from '../../src/domain/texts/under-way.ts';
import { ask } from '../people/ask.ts';
import { showOnDeal } from '../record.ts';
import { AGAIN, type Run, type Step } from '../run.ts';
import { leaveAsItIs } from './leave.ts';

/**
 * A learner came in the place of one whose seat only an operation can take back. Approved, the operations are asked for and
 * waited for; then the deal is read again, and the newcomer, who has the seat by then, gets the message.
 */
export async function swap(run: Run, { swap: planned, question }: Swapping): Promise<Step> {
  const answer = planned.rule === 'ask' ? run.inbox.answers.get(question.id) : byRule(planned.rule);
  if (answer === undefined) return ask(run, question);
  if (answer.verb === 'reject') return leaveAsItIs(run, question, answer);
  const step = swappingText(planned.pairs.length);
  run.view.update({ status: 'Provisioning', step, problems: [], question: null });
  await showOnDeal(run, { status: 'Provisioning', detail: step });
  const { by, reason } = answer;
  await run.call('swapSeats', step, {
    pairs: planned.pairs,
    by,
    reason,
    askedAt: Date.now(),
    questionId: question.id,
    isAskedAnew: isAskedAnew(run, question),
  });
  return AGAIN;
}

/** By an answer, a retry, or a start of the run, and not because the run looks again by itself or the deal was edited. */
function isAskedAnew({ inbox, open }: Run, question: Question): boolean {
  if (open === null) return inbox.source === 'person';
  return inbox.retry !== null || open.question.id === question.id;
}

function byRule(rule: 'keep' | 'replace'): Answer {
  const reason = `swapInUse is "${rule}" in the catalog`;
  return { verb: rule === 'keep' ? 'reject' : 'approve', by: 'Dealseat', reason };
}
