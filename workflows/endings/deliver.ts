import { CancellationScope } from '@temporalio/workflow';
import { NOTICE, type OwnerNotice } from '../../src/contracts/activities.ts';
import type { Delivery } from '../../src/contracts/hand-over.ts';
import type { Made } from '../../src/contracts/made.ts';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import { deliveredLedger, describeKept, newLearnersOf } from '../../src/domain/planning/ledger-after.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { countOf } from '../../src/domain/words.ts';
import { endHandOver, outcomesOf } from '../hand-over.ts';
import { closeTasks, mayHaveTasks, tellOwner } from '../notices.ts';
import { concludeOnDeal, factsOf, markDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { resultOfDelivery } from './results.ts';

/**
 * Everybody was told: the deal is marked, its owner is told, and the deal is looked at once more. Before the look, what this
 * plan did not need of what was made is put away, and tasks that are over are closed, if there are any.
 */
export async function markDelivered(run: Run, delivery: Delivery): Promise<Step> {
  const { plan, groups, roster } = delivery;
  const result = resultOfDelivery(run, delivery, outcomesOf(run.handOver));
  const mark = {
    status: 'Delivered',
    detail: result.detail,
    facts: factsOf(delivery),
    ledger: deliveredLedger(plan, groups, roster),
  } as const;
  const kept = describeKept(mark.ledger);
  const notice = deliveredNotice(run, delivery, { result, kept });
  const keeps = belongsTo(delivery);
  const hasTasks = mayHaveTasks(run) || groups.some(({ wasAdopted }) => wasAdopted);
  // Of a deal that has seats already, something else may be waiting for an answer.
  const isComplete = !plan.isAmendment;
  const isLastWord = isComplete && !hasTasks && run.made.every(keeps);
  // Nobody was asked anything, and nothing is left to look after.
  const isQuiet = isLastWord && kept === null && run.view.progress.warnings.length === 0;
  run.view.update({ step: 'Marking the deal as delivered' });
  return CancellationScope.nonCancellable(async () => {
    const { isTold, unchanged } = await concludeOnDeal(run, {
      mark,
      notice: { ...notice, ...untouched(run), ...(isQuiet ? { isSaidByRoster: true } : {}) },
      isLastWord,
    });
    await undoMade(run, { keeps });
    forgetMade(run);
    endHandOver(run);
    // By now the task may be there.
    if (!isTold) await tellOwner(run, notice);
    if (hasTasks) await closeOver(run, delivery, notice.key);
    if (unchanged !== null) run.view.haveRead(unchanged.changedAt);
    run.view.update({ status: 'Delivered', step: result.detail, problems: [], question: null });
    const { warnings } = run.view.progress;
    const needsLook = unchanged === null || !isTold;
    return { is: 'over', result: { ...result, warnings }, needsLook, isComplete };
  });
}

/**
 * Everybody was told and the mark is still missing, but the deal asks for something else by now: it is noted first, so
 * that what is asked is compared with what people have. True: the deal is to be read again.
 */
export async function settleDelivery(run: Run, reading: Reading): Promise<boolean> {
  if (run.handOver.is !== 'sent' || reading.kind === 'merged') return false;
  const { delivery, outcomes } = run.handOver;
  if (reading.kind === 'more' && reading.plan.revision === delivery.plan.revision) return false;
  const { plan, groups, roster } = delivery;
  const { detail } = resultOfDelivery(run, delivery, outcomes);
  const ledger = deliveredLedger(plan, groups, roster);
  await markDeal(run, { status: 'HandingOver', detail, facts: factsOf(delivery), ledger });
  await undoMade(run, { keeps: belongsTo(delivery) });
  forgetMade(run);
  endHandOver(run);
  return true;
}

function belongsTo({ plan, groups }: Delivery): (made: Made) => boolean {
  const tokens = new Set(groups.map(({ token }) => token));
  return (made) => {
    if (made.what === 'group') return tokens.has(made.token);
    return made.what !== 'roster' || made.fileName === plan.rosterFileName;
  };
}

function whatIsNew(plan: Plan): string {
  if (!plan.isAmendment) return '';
  if (plan.addedSeats > 0) return ` (${plan.addedSeats} of them new)`;
  const { length } = newLearnersOf(plan);
  return length > 0 ? ` (handed to ${countOf(length, 'more learner')})` : '';
}

/** Whether the reading showed that no run has ever worked on the deal. */
function untouched(run: Run): { readonly untouchedIn?: string } {
  const { hold, readIn } = run.deal;
  return hold === null && readIn !== undefined && !mayHaveTasks(run) ? { untouchedIn: readIn } : {};
}

function deliveredNotice(
  run: Run,
  { plan }: Delivery,
  { result, kept }: { readonly result: ProvisionResult; readonly kept: string | null },
): OwnerNotice {
  const added = whatIsNew(plan);
  return {
    ownerId: run.deal.ownerId,
    key: `${NOTICE.delivered}${plan.revision}`,
    subject: `Dealseat: ${countOf(plan.seatCount, 'seat')} delivered${added}`,
    text: [
      `${plan.dealName}: ${countOf(plan.seatCount, 'seat')} ${plan.seatCount === 1 ? 'is' : 'are'} ready${added}.`,
      ...result.groupLabels.map((label) => `- ${label}`),
      `Roster: ${result.roster?.url ?? 'none'}`,
      ...(kept === null
        ? []
        : [`${kept}: add each of them to the deal, and do not pass on any row by hand.`]),
      ...(run.view.progress.actions ?? []).map((said) => `${said}.`),
      ...run.view.progress.warnings.map((warning) => `Warning: ${warning}`),
    ].join('\n'),
    priority: 'low',
  };
}

/** Above all the task that has an admin expire a group which is in use now. */
async function closeOver(run: Run, { groups }: Delivery, key: string): Promise<void> {
  const unused = groups.map(({ token }) => `${NOTICE.unused}${token}`);
  await closeTasks(run, [NOTICE.ask, NOTICE.ended, NOTICE.delivered, ...unused], key);
}
