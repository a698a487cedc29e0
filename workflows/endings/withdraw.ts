import { CancellationScope } from '@temporalio/workflow';
import { NOTICE } from '../../src/contracts/activities.ts';
import type { WithdrawalReceipt } from '../../src/contracts/run.ts';
import { activeSeats, type Ledger } from '../../src/domain/deal/ledger.ts';
import { ledgerRoster } from '../../src/domain/planning/ledger-after.ts';
import type { Withdrawal } from '../../src/domain/planning/plan.ts';
import type { Answer } from '../../src/domain/planning/question.ts';
import { deliveredText } from '../../src/domain/texts/delivered.ts';
import { decisionText } from '../../src/domain/texts/endings.ts';
import { withdrawnCodesTask } from '../../src/domain/texts/tasks.ts';
import { withdrawingText } from '../../src/domain/texts/under-way.ts';
import { endHandOver } from '../hand-over.ts';
import { closeTasks } from '../notices.ts';
import { markDeal, noteOnDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { resultWithoutDelivery } from './results.ts';
import { handedOut } from './skip.ts';

/**
 * Takes back what is not sold any more, as a whole: a cancel comes too late. The ledger comes last: until it is written
 * the next run asks again and repeats all of it. It is marked before, because if the answer is another one by then, what
 * was taken away meanwhile has to be handed over again.
 */
export async function withdraw(run: Run, withdrawal: Withdrawal, answer: Answer): Promise<Step> {
  const { withdrawnSeats, ifInterrupted, ifWithdrawn, ifKept } = withdrawal;
  forgetMade(run, handedOut(ifKept));
  await undoMade(run);
  endHandOver(run);
  const step = withdrawingText(withdrawnSeats);
  run.view.update({ status: 'HandingOver', step });
  return CancellationScope.nonCancellable(async () => {
    await noteOnDeal(run, { status: 'HandingOver', detail: step, ledger: ifInterrupted });
    const receipt = await run.call('withdrawSeats', step, { withdrawal });
    const roster = receipt.roster && ledgerRoster(receipt.roster);
    const unsure = receipt.isSpareUnsure ? ({ isSpareOut: true } as const) : {};
    const ledger: Ledger = { ...ifWithdrawn, roster, ...unsure };
    const seatCount = activeSeats(ledger);
    const { by, reason } = answer;
    const { accessLeft } = receipt;
    const decided = { verb: 'withdraw', seatCount: withdrawnSeats, by, reason, at: Date.now() } as const;
    const told = decisionText({ ...decided, ...(accessLeft === undefined ? {} : { accessLeft }) });
    await tellAdmin(run, withdrawal, receipt);
    const status = seatCount === 0 ? 'Cancelled' : 'Delivered';
    const detail = seatCount === 0 ? told : `${deliveredText(ledger)}\n${told}`;
    const facts = factsOf(withdrawal, ledger);
    await markDeal(run, {
      status,
      detail,
      ledger,
      facts: { ...facts, rosterUrl: receipt.roster?.url ?? null },
    });
    await closeTasks(run, [NOTICE.ask, NOTICE.ended, NOTICE.delivered, NOTICE.nudge]);
    run.view.update({ status, step: detail, problems: [], question: null, seatCount });
    const result = resultWithoutDelivery(run, status, { detail, code: null });
    return { is: 'over', result: { ...result, ...facts, roster: receipt.roster }, needsLook: true };
  });
}

function factsOf({ groups }: Withdrawal, ledger: Ledger) {
  const active = new Set(ledger.groups.filter((group) => group.active > 0).map(({ token }) => token));
  const remaining = groups.filter(({ token }) => active.has(token));
  return {
    seatCount: activeSeats(ledger),
    groupLabels: remaining.map(({ label }) => label),
    groupIds: remaining.map(({ existing }) => existing?.groupId ?? ''),
  };
}

/** The platform has no call that takes codes back, so a person must. */
async function tellAdmin(run: Run, withdrawal: Withdrawal, receipt: WithdrawalReceipt): Promise<void> {
  const { hash, dealName, ownerId, withdrawnSeats, withdrawnFileName: fileName } = withdrawal;
  const { groups, contactCount, accessLeft } = receipt;
  await run.call('notifyOwner', 'Ask for the codes to be expired', {
    ownerId,
    key: `${NOTICE.withdrawn}${hash.slice(0, 12)}`,
    ...withdrawnCodesTask({ dealName, withdrawnSeats, fileName, groups, contactCount, accessLeft }),
    priority: 'high',
  });
}
