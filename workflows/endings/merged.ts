import { NOTICE } from '../../src/contracts/activities.ts';
import { isPastPivot } from '../../src/contracts/hand-over.ts';
import type { Made } from '../../src/contracts/made.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import type { Problem } from '../../src/domain/failure.ts';
import type { Merged } from '../../src/domain/planning/reading.ts';
import { mergedIntoOldTask, mergedWhileMadeTask } from '../../src/domain/texts/tasks.ts';
import { endHandOver } from '../hand-over.ts';
import { tellOwner } from '../notices.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { resultWithoutDelivery } from './results.ts';

/**
 * The deal lives on in another one, whose run takes over the groups, and may have done so already. That one writes a
 * roster of its own, so that of this run is still to be taken away, unless people were told of it.
 */
export async function followMerge(run: Run, { reason, leftAlone }: Merged): Promise<Step> {
  const isHandedOut = isPastPivot(run.handOver) || run.made.some(({ what }) => what === 'links');
  const groups = run.made.filter((made) => made.what === 'group' && made.groupId !== null);
  if (!isPastPivot(run.handOver)) {
    await undoMade(run, { keeps: ({ what }) => what !== 'roster', deal: survivorOf(run) });
  }
  await tellSurvivor(run, { groups, isHandedOut });
  if (leftAlone !== null) await tellSurvivorIsOld(run, leftAlone);
  forgetMade(run);
  endHandOver(run);
  run.view.nameReason(reason.code);
  run.view.update({ status: 'Skipped', step: reason.message, problems: [], question: null });
  const said = { detail: reason.message, code: reason.code };
  return { is: 'over', result: resultWithoutDelivery(run, 'Skipped', said), needsLook: false };
}

/** The record that holds the deal by now. */
function survivorOf({ input, deal }: Run): DealRef {
  return { ...input.deal, dealId: deal.dealId };
}

/** What the surviving deal does not need of the groups is nobody's, and only a person can see that. */
export async function tellSurvivor(
  run: Run,
  { groups, isHandedOut }: { readonly groups: readonly Made[]; readonly isHandedOut: boolean },
): Promise<void> {
  if (groups.length === 0) return;
  const { dealId } = run.input.deal;
  await tellOwner(
    run,
    {
      deal: survivorOf(run),
      key: `${NOTICE.merged}${dealId}`,
      ...mergedWhileMadeTask({
        dealId,
        groups: groups.map((made) => (made.what === 'group' ? `${made.label} (${made.groupId})` : '')),
        isHandedOut,
      }),
      priority: 'high',
    },
    'late',
  );
}

/** A deal that was sold now may be gone in one that is left alone for its age. */
async function tellSurvivorIsOld(run: Run, { message }: Problem): Promise<void> {
  const { dealId } = run.input.deal;
  await tellOwner(
    run,
    {
      deal: survivorOf(run),
      key: `${NOTICE.merged}old-${dealId}`,
      ...mergedIntoOldTask({ dealId, why: message }),
      priority: 'high',
    },
    'late',
  );
}
