import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { outageId, PARK, type ParkedRun, systemOf, UNPARK } from '../../src/contracts/outage.ts';
import { AWAY, type Outage } from '../../src/domain/outage.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { dayInWords } from '../../src/domain/texts/days.ts';
import { readIfChanged } from '../reading.ts';
import type { Run } from '../run.ts';
import { startAfreshIfLong } from '../start-afresh.ts';
import { awaitSystem } from './await-system.ts';

interface Wait {
  readonly awaits: Outage;
  readonly untilMs: number;
  /** A person says that the run is to go on. */
  readonly isAnswered: () => boolean;
  /** The same, on the deal itself. True: it was taken. */
  readonly heedAction: () => Promise<boolean>;
  readonly expired: () => TemporalFailure;
  /** The deal and its owner are being told. */
  readonly isTelling: () => boolean;
}

/** Should the probe be ended by hand: so often it is asked for again. */
const ASK_AGAIN_MS = 24 * 60 * 60 * 1_000;

/**
 * Waits for a system that is away, without a call of its own: one probe asks for all runs. What was read meanwhile, if the
 * deal has changed; null: what failed is to be tried again. Throws when the deadline comes first.
 */
export async function untilSystemAnswers(run: Run, wait: Wait): Promise<Reading | null> {
  try {
    return await parked(run, wait);
  } catch (error) {
    // A run that is cancelled or gives up. One that goes on in another execution is parked again, under the same id.
    const isOver = error instanceof TemporalFailure;
    if (isOver) await CancellationScope.nonCancellable(() => askNotToBeWoken(run, wait));
    throw error;
  }
}

async function parked(run: Run, wait: Wait): Promise<Reading | null> {
  const { inbox } = run;
  for (;;) {
    inbox.forgetSystem();
    await CancellationScope.nonCancellable(() => askToBeWoken(run, wait));
    const isWoken = () => wait.isAnswered() || inbox.hasSystemAnswered || inbox.news !== null;
    const leftMs = Math.min(wait.untilMs - Date.now(), ASK_AGAIN_MS);
    const summary = `Waits until ${AWAY[wait.awaits]} answers, until ${dayInWords(wait.untilMs)} at most`;
    if (leftMs > 0) await condition(isWoken, leftMs, { summary });
    if (wait.isAnswered() || inbox.hasSystemAnswered) {
      await untilTold(wait);
      return tryAgain(run);
    }
    if (Date.now() >= wait.untilMs) throw wait.expired();
    if (inbox.news === null) continue;
    // Who tells of the deal has reached the CRM.
    const reading = await readIfChanged(run);
    const isHeeded = await wait.heedAction();
    if (reading !== null) await askNotToBeWoken(run, wait);
    if (isHeeded || reading !== null) return reading;
    if (wait.awaits === 'crm') return tryAgain(run);
    await startAfreshIfLong(run);
  }
}

/** A write takes this long at most, unless the CRM is away too. */
const TELLING_MS = 60_000;

/** Trying again ends the telling: what the run waits for again and again is to be seen on the deal. */
async function untilTold({ isTelling, isAnswered }: Wait): Promise<void> {
  if (!isTelling() || isAnswered()) return;
  const summary = 'Lets the deal say first why it waits';
  await condition(() => !isTelling() || isAnswered(), TELLING_MS, { summary });
}

/** The same failure in other words is the same question, with its deadline. */
function tryAgain(run: Run): null {
  if (run.open !== null) run.open = { ...run.open, isTold: false, isShown: false, isTriedAgain: true };
  return null;
}

/** The probe may have ended, or be about to. */
async function askNotToBeWoken({ input: { deal, taskQueue } }: Run, { awaits }: Wait): Promise<void> {
  const probe = getExternalWorkflowHandle(outageId(systemOf(awaits, deal), taskQueue));
  await isTaken(probe.signal(UNPARK, workflowInfo().workflowId));
}

/** By the probe of the system, which is started if there is none. */
async function askToBeWoken({ input }: Run, { awaits, untilMs }: Wait): Promise<void> {
  const { workflowId } = workflowInfo();
  const { deal, policy, taskQueue } = input;
  const system = systemOf(awaits, deal);
  const id = outageId(system, taskQueue);
  const parked: ParkedRun = { workflowId, deal, untilMs };
  for (;;) {
    if (await isTaken(getExternalWorkflowHandle(id).signal(PARK, parked))) return;
    try {
      await startChild(awaitSystem, {
        workflowId: id,
        args: [{ system, policy, parked: [parked] }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        staticSummary: `Outage: waits until ${awaits === 'crm' ? `${deal.crm} ${deal.account}` : AWAY[awaits]} answers again`,
      });
      return;
    } catch (error) {
      // Another run was faster: it is there to be told.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

/** False: there is no such workflow, or it has just ended. */
async function isTaken(signal: Promise<void>): Promise<boolean> {
  return signal.then(
    () => true,
    () => false,
  );
}
