import { condition, log } from '@temporalio/workflow';
import { failureClass, type Problem } from '../../src/domain/failure.ts';
import type { Outage } from '../../src/domain/outage.ts';
import { orProblem } from '../failures.ts';
import { endHandOver, outcomesOf } from '../hand-over.ts';
import { helpWithOutage } from '../parking/outage-question.ts';
import { AGAIN, type Run, type Step } from '../run.ts';
import { forgetMade } from '../undo.ts';
import { ask, helpWith } from './ask.ts';

/** What a turn of the run comes to; whatever keeps it from going on is put to those who can settle it. */
export async function orAskForHelp(run: Run, turn: () => Promise<Step>): Promise<Step> {
  const outcome = await orProblem(turn());
  if (!('problem' in outcome)) return outcome.value;
  const { problem: found, outage } = outcome;
  switch (found.code) {
    // The next reading tells which deal it is by now.
    case 'deal.merged':
      return AGAIN;
    case 'run.superseded':
      return startOver(run);
    case 'run.held_elsewhere':
      return waitForOtherDeployment(run, found);
    default:
      // What the run meets while it waits is put to people too.
      return orAskForHelp(run, () => askAbout(run, found, outage));
  }
}

function askAbout(run: Run, found: Problem, awaits: Outage | null): Promise<Step> {
  if (awaits !== null && !hasDoubts(run)) return ask(run, helpWithOutage(found, awaits), { awaits });
  return ask(run, helpWith([found]), mayBeMended(run, found) ? { mayMend: true } : {});
}

/** A person was asked already what became of a message. */
function hasDoubts({ handOver }: Run): boolean {
  return Object.values(outcomesOf(handOver)).some(({ is }) => is === 'inDoubt');
}

/** What may have happened, such as a message that may be out, is for a person to look at: a repeat could make it twice. */
function mayBeMended({ handOver }: Run, { code }: Problem): boolean {
  return failureClass(code) !== 'ambiguous' && handOver.is !== 'sending';
}

/**
 * Another run had the deal meanwhile, as after a reset of this one: how far codes are on their way, only the deal still
 * knows. What was made stays to be undone, as far as the deal does not name it.
 */
function startOver(run: Run): Step {
  forgetMade(run, ({ what }) => what === 'note');
  endHandOver(run);
  return AGAIN;
}

/**
 * The deal is another deployment's for now, and so is what was made of it here: nothing of it is undone, and nothing is
 * written on it. Ends after a quarter of the lease, or when the deal changes.
 */
async function waitForOtherDeployment(run: Run, found: Problem): Promise<Step> {
  forgetMade(run);
  endHandOver(run);
  run.view.update({
    status: 'NeedsAttention',
    step: 'Waiting for another deployment of Dealseat',
    problems: [found],
  });
  run.view.warn(found.message);
  log.warn('Another deployment of Dealseat works on the same deal', { problem: found.message });
  const summary = 'Waits for another deployment of Dealseat, which holds the deal';
  await condition(() => run.inbox.news !== null, run.input.policy.holdLeaseMs / 4, { summary });
  run.view.answered();
  return AGAIN;
}
