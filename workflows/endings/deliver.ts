import { CancellationScope } from '@temporalio/workflow';
import { NOTICE, type OwnerNotice } from '../../src/contracts/activities.ts';
import type { Delivery } from '../../src/contracts/hand-over.ts';
import type { Made } from '../../src/contracts/made.ts';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import { deliveryAtHand, keepsSpare } from '../../src/domain/planning/ledger-after.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { deliveredTask } from '../../src/domain/texts/tasks.ts';
import { endHandOver, outcomesOf } from '../hand-over.ts';
import { closeTasks, mayHaveTasks, tellOwner } from '../notices.ts';
import { concludeOnDeal, factsOf, markDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { ledgerOfDelivery, resultOfDelivery } from './results.ts';

/**
 * Everybody was told: the deal is marked, its owner is told, and the deal is looked at once more. Before the look, what this
 * plan did not need of what was made is put away, and tasks that are over are closed, if there are any.
 */
export async function markDelivered(run: Run, delivery: Delivery): Promise<Step> {
  const { plan, groups } = delivery;
  const outcomes = outcomesOf(run.handOver);
  const ledger = ledgerOfDelivery(delivery, outcomes);
  const result = resultOfDelivery(run, delivery, { ledger, outcomes });
  const { detail } = result;
  const mark = { status: 'Delivered', detail, facts: factsOf(delivery), ledger } as const;
  const notice = deliveredNotice(run, delivery, result);
  const keeps = belongsTo(delivery);
  const hasTasks = mayHaveTasks(run) || groups.some(({ wasAdopted }) => wasAdopted);
  // Of a deal that has seats already, something else may be waiting for an answer.
  const isComplete = !plan.isAmendment;
  const isLastWord = isComplete && !hasTasks && run.made.every(keeps);
  // Nobody was asked anything, and nothing is left to look after.
  const isQuiet = isLastWord && !keepsSpare(ledger) && run.view.progress.warnings.length === 0;
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
  const ledger = ledgerOfDelivery(delivery, outcomes);
  const { detail } = resultOfDelivery(run, delivery, { ledger, outcomes });
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

/** Whether the reading showed that no run has ever worked on the deal. */
function untouched(run: Run): { readonly untouchedIn?: string } {
  const { hold, readIn } = run.deal;
  return hold === null && readIn !== undefined && !mayHaveTasks(run) ? { untouchedIn: readIn } : {};
}

function deliveredNotice(run: Run, { plan }: Delivery, result: ProvisionResult): OwnerNotice {
  return {
    ownerId: run.deal.ownerId,
    key: `${NOTICE.delivered}${plan.revision}`,
    ...deliveredTask({
      dealName: plan.dealName,
      seatCount: plan.seatCount,
      news: deliveryAtHand(plan).news,
      detail: result.detail,
      rosterUrl: result.roster?.url ?? null,
      actions: run.view.progress.actions ?? [],
      warnings: run.view.progress.warnings,
    }),
    priority: 'low',
  };
}

/** Above all the task that has an admin expire a group which is in use now. */
async function closeOver(run: Run, { groups }: Delivery, key: string): Promise<void> {
  const unused = groups.map(({ token }) => `${NOTICE.unused}${token}`);
  await closeTasks(run, [NOTICE.ask, NOTICE.ended, NOTICE.delivered, ...unused], key);
}
