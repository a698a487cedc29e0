import { allHandlersFinished, CancellationScope, condition, TemporalFailure } from '@temporalio/workflow';
import type { ProvisionInput, ProvisionResult } from '../src/contracts/run.ts';
import { problem } from '../src/domain/failure.ts';
import type { Blocked, More, Reading } from '../src/domain/planning/reading.ts';
import { markDelivered, settleDelivery } from './endings/deliver.ts';
import { fail } from './endings/fail.ts';
import { finish } from './endings/finish.ts';
import { leaveAsItIs } from './endings/leave.ts';
import { followMerge } from './endings/merged.ts';
import { asDelivered, skip } from './endings/skip.ts';
import { swap } from './endings/swap.ts';
import { withdraw } from './endings/withdraw.ts';
import { lostDelivery } from './lost-delivery.ts';
import { heedFirst } from './people/act.ts';
import { ask, helpWith } from './people/ask.ts';
import { orAskForHelp } from './people/or-ask.ts';
import { readDeal } from './reading.ts';
import { AGAIN, type Ending, openRun, type Run, type Step } from './run.ts';
import { startAfreshIfLong } from './start-afresh.ts';
import { attachRoster } from './steps/attach-roster.ts';
import { awaitCodes } from './steps/await-codes.ts';
import { makeGroups } from './steps/make-groups.ts';
import { forgetRejection } from './steps/note-hand-over.ts';
import { sendMessages } from './steps/send-messages.ts';
import { untilStill } from './until-still.ts';

/**
 * One deal, from a reading of it to the durable mark on it: the whole story. A run reads the deal, does at most one thing
 * about it, looks once more, and goes on in a new execution if the deal asks for more by then. Fails with a code of the
 * taxonomy after an undo; ends cancelled after an undo.
 */
export async function provisionDeal(input: ProvisionInput): Promise<ProvisionResult> {
  const run = openRun(input);
  run.view.update({});
  const ending = await undoingOnFailure(run, async () => {
    // A run that started afresh while it waited goes on waiting, unless somebody has helped by then.
    const { open, inbox } = run;
    const isWaiting = open !== null && inbox.retry === null;
    let step = isWaiting ? await orAskForHelp(run, () => ask(run, open.question, open)) : AGAIN;
    while (step.is === 'again') {
      const { reading } = step;
      await startAfreshIfLong(run);
      // What a person can mend becomes a question; every other failure is undone and ends the run.
      step = await orAskForHelp(run, async () =>
        take(run, await untilStill(run, await heedFirst(run, reading ?? (await readDeal(run))))),
      );
    }
    return step;
  });
  return CancellationScope.nonCancellable(() => finish(run, ending));
}

/** What the reading asks for. Each case has a file of its own. */
async function take(run: Run, reading: Reading): Promise<Step> {
  if (await settleDelivery(run, reading)) return AGAIN;
  switch (reading.kind) {
    case 'nothing':
      return skip(run, reading.reason);
    case 'merged':
      return followMerge(run, reading);
    case 'blocked':
      return ask(run, helpWith(reading.problems), isComing(reading) ? { mayMend: true } : {});
    case 'same':
      return asDelivered(run, reading);
    case 'more':
      return deliver(run, reading);
    case 'swapping':
      return swap(run, reading);
    case 'fewer': {
      const { withdrawal, question } = reading;
      const answer = run.inbox.answers.get(question.id);
      // Days may pass before it is answered: then the deal is read once more.
      if (answer === undefined) return ask(run, question);
      if (answer.verb === 'keep') return leaveAsItIs(run, question, answer);
      return withdraw(run, withdrawal, answer);
    }
  }
}

/** No change of the deal tells that the seat has come. */
function isComing({ problems }: Blocked): boolean {
  return problems.some(({ code }) => code === 'deal.seat_coming');
}

async function deliver(run: Run, { plan, question }: More): Promise<Step> {
  run.view.update({ seatCount: plan.seatCount });
  const { planHash } = run.input;
  if (planHash !== null && planHash !== plan.hash && run.made.length === 0) {
    return skip(
      run,
      problem('plan.changed', `The plan is now ${plan.hash}, the caller asked for ${planHash}`),
    );
  }
  const lost = lostDelivery(run, plan);
  if (lost !== null) return ask(run, helpWith([lost]));
  const answer = question && run.inbox.answers.get(question.id);
  if (question && !answer) return ask(run, question);
  if (question && answer?.verb === 'reject') return leaveAsItIs(run, question, answer);
  await forgetRejection(run, plan);
  const groups = await makeGroups(run, plan);
  const listedByMs = await awaitCodes(run, plan, groups);
  const roster = await attachRoster(run, plan, groups, listedByMs);
  const delivery = { plan, groups, roster };
  const unsettled = await sendMessages(run, delivery);
  if (unsettled.length > 0) return ask(run, helpWith(unsettled));
  return markDelivered(run, delivery);
}

/** Anything that is no failure of Temporal is a bug, or the hand-over to a new execution: neither is undone. */
async function undoingOnFailure(run: Run, story: () => Promise<Ending>): Promise<Ending> {
  try {
    return await run.work.run(story);
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return await CancellationScope.nonCancellable(() => fail(run, error));
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}
