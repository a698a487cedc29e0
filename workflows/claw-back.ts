import { CancellationScope } from '@temporalio/workflow';
import type { DealStatusInput } from '../src/contracts/activities.ts';
import type { Decision, ProvisionResult, WithdrawalReceipt } from '../src/contracts/run.ts';
import { activeSeats, type Ledger } from '../src/domain/deal/ledger.ts';
import { describeDelivery, ledgerRoster } from '../src/domain/planning/ledger-after.ts';
import type { ClawBack } from '../src/domain/planning/plan.ts';
import { attempt } from './attempt.ts';
import { forgetWork } from './claim.ts';
import { nothingDone, quarantineUnused } from './results.ts';
import type { Run } from './run.ts';
import { waitForDecision, waitForHelp } from './waiting.ts';

/**
 * More was delivered than is sold. Shows it, waits for a person, and does what that person decided. Null: the deal
 * is to be read again, because it changed or to see that what was decided is still what is asked.
 */
export async function clawBack(run: Run, asked: ClawBack): Promise<ProvisionResult | null> {
  const decision = run.clawBackDecision;
  if (decision?.hash !== asked.hash) {
    await waitForDecision(run, asked.problems, {
      subject: 'Dealseat: more seats were delivered than are sold',
      step: `Waiting for a decision: withdraw ${asked.withdrawnSeats} seats (approve) or leave them (reject)`,
    });
    run.clawBackDecision = run.decision && { ...run.decision, hash: asked.hash };
    return null;
  }
  await quarantineUnused(run, asked.ifKept);
  // What is taken from people is taken as a whole: a cancel comes too late.
  run.isPastPivot = true;
  const work = decision.isApproved ? withdraw(run, asked, decision) : leave(run, asked, decision);
  const outcome = await attempt(CancellationScope.nonCancellable(() => work));
  if ('problem' in outcome) {
    await waitForHelp(run, outcome.problem);
    return null;
  }
  run.clawBackDecision = null;
  run.isPastPivot = false;
  // The decision was about all that is with the customer, an unfinished top-up included.
  forgetWork(run);
  const isUnfinished = !decision.isApproved && asked.ifKept.isPending === true;
  run.deal = { ...run.deal, isUnfinished };
  if (!run.hasDealChanged && !isUnfinished) return outcome.value;
  run.delivered = outcome.value;
  run.knownGroups.clear();
  return null;
}

/**
 * The ledger comes last: until it is written the next run asks again and repeats all of it. It is marked before, because
 * if the answer is another one by then, what was taken away meanwhile has to be handed over again.
 */
async function withdraw(run: Run, asked: ClawBack, { by, reason }: Decision): Promise<ProvisionResult> {
  const step = `Withdrawing ${asked.withdrawnSeats} seats`;
  run.state.update({ status: 'HandingOver', step });
  await run.proxies.writing('Note that seats are being withdrawn').writeDealStatus({
    deal: run.input.deal,
    status: 'HandingOver',
    detail: step,
    ledger: asked.ifInterrupted,
  });
  const receipt = await run.proxies
    .rostering(`Withdraw ${asked.withdrawnSeats} seats`)
    .withdrawSeats({ clawBack: asked });
  const roster = receipt.roster && ledgerRoster(receipt.roster);
  const ledger: Ledger = { ...asked.ifWithdrawn, roster };
  const seatCount = activeSeats(ledger);
  const told = `${asked.withdrawnSeats} seats withdrawn, approved by ${by}: ${reason}`;
  await tellAdmin(run, asked, receipt);
  const result = await conclude(run, asked, {
    ledger,
    status: seatCount === 0 ? 'Cancelled' : 'Delivered',
    detail: seatCount === 0 ? told : `${describeDelivery(seatCount, roster)}\n${told}`,
    rosterUrl: receipt.roster?.url ?? null,
  });
  return { ...result, roster: receipt.roster };
}

function leave(run: Run, asked: ClawBack, { by, reason }: Decision): Promise<ProvisionResult> {
  const ledger = asked.ifKept;
  const told = `${asked.withdrawnSeats} seats more than sold are left with the customer by ${by}: ${reason}`;
  return conclude(run, asked, {
    ledger,
    status: 'Delivered',
    detail: `${describeDelivery(activeSeats(ledger), ledger.roster)}\n${told}`,
  });
}

interface Conclusion extends Pick<DealStatusInput, 'detail' | 'rosterUrl'> {
  readonly ledger: Ledger;
  readonly status: 'Delivered' | 'Cancelled';
}

async function conclude(run: Run, asked: ClawBack, conclusion: Conclusion): Promise<ProvisionResult> {
  const { ledger, status, detail } = conclusion;
  const active = new Set(ledger.groups.filter((group) => group.active > 0).map(({ token }) => token));
  const groups = asked.groups.filter(({ token }) => active.has(token));
  const facts = {
    seatCount: activeSeats(ledger),
    groupLabels: groups.map(({ label }) => label),
    groupIds: groups.map(({ delivered }) => delivered?.groupId ?? ''),
  };
  const receipt = await run.proxies
    .writing('Show on the deal what was decided')
    .writeDealStatus({ deal: run.input.deal, ...conclusion, ...facts, looksAgain: true });
  if (receipt?.asksForMore) run.hasDealChanged = true;
  run.state.forgetReading();
  run.state.update({ status, step: detail, problems: [], seatCount: facts.seatCount });
  return { ...nothingDone(run, status, detail, null), ...facts };
}

/** The platform has no call that takes codes back, so a person must. */
async function tellAdmin(
  run: Run,
  asked: ClawBack,
  { groups, contactCount }: WithdrawalReceipt,
): Promise<void> {
  const codeCount = groups.reduce((sum, group) => sum + group.codeCount, 0);
  await run.proxies.writing('Ask for the codes to be expired').notifyOwner({
    deal: run.input.deal,
    ownerId: asked.ownerId,
    key: `withdrawn-${asked.deal.dealId}-${asked.hash.slice(0, 12)}`,
    subject: `Dealseat: ${codeCount} withdrawn codes must be expired`,
    text: [
      `${asked.dealName}: ${asked.withdrawnSeats} seats were withdrawn. The learning platform cannot take codes back by`,
      'API, so ask its admin to expire, in these groups, every code that is neither in the roster on the deal nor a link of a learner:',
      ...groups.map(
        ({ label, groupId, codeCount: count, redeemedCount }) =>
          `- ${label} (${groupId}): ${count} codes, ${redeemedCount} of them redeemed already`,
      ),
      `Redeem links were taken from ${contactCount} contacts.`,
    ].join('\n'),
  });
}
