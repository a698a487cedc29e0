import {
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type AwaitSystemInput,
  type OutageActivities,
  PARK,
  type ParkedRun,
  type ProbedSystem,
  UNPARK,
} from '../../src/contracts/outage.ts';
import { MESSAGES } from '../../src/contracts/run.ts';
import { AWAY } from '../../src/domain/outage.ts';
import { countOf } from '../../src/domain/words.ts';
import { probeBounds } from '../calls.ts';

const park = defineSignal<[ParkedRun]>(PARK);
const unpark = defineSignal<[string]>(UNPARK);

/** Runs that are woken at once. What their steps ask of the system takes turns like everything else. */
const WOKEN_AT_ONCE = 20;

/**
 * The one probe of a system that is away: asks it in growing gaps, and wakes every run that waits for it when it answers.
 * It ends with the outage, or when the last run has given up.
 */
export async function awaitSystem(input: AwaitSystemInput): Promise<void> {
  const parked = new Map(input.parked.map((run) => [run.workflowId, run]));
  const show = () => setCurrentDetails(describe(input.system, [...parked.values()]));
  setHandler(
    park,
    (run) => {
      parked.set(run.workflowId, run);
      show();
    },
    { description: 'Wakes this run too when the system answers. Sent by runs.' },
  );
  setHandler(
    unpark,
    (workflowId) => {
      parked.delete(workflowId);
      show();
    },
    { description: 'Does not wake this run: it waits no longer. Sent by runs.' },
  );
  for (;;) {
    for (const [id, { untilMs }] of parked) if (untilMs <= Date.now()) parked.delete(id);
    const [first] = parked.values();
    if (first === undefined) return;
    show();
    const untilMs = Math.max(...[...parked.values()].map((run) => run.untilMs));
    if (await isAnswering(input, { first, untilMs, isLeft: () => parked.size === 0 })) {
      await wakeAll(parked);
      show();
    } else if (parked.size > 0) {
      // A worker of an older version does not know the probe.
      await sleep(input.policy.retryMaxMs, { summary: 'Waits before it asks again' });
    }
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof awaitSystem>({ ...input, parked: [...parked.values()] });
    }
  }
}

interface Asked {
  /** Whose deal the probe names. */
  readonly first: ParkedRun;
  /** When the last of them gives up, in milliseconds since the epoch. */
  readonly untilMs: number;
  /** Nobody waits for the answer any longer. */
  readonly isLeft: () => boolean;
}

/** False: time is over for all who wait, none of them waits any longer, or the history is long. */
async function isAnswering(
  { system, policy }: AwaitSystemInput,
  { first: { deal }, untilMs, isLeft }: Asked,
): Promise<boolean> {
  const { probeSystem } = proxyActivities<OutageActivities>({
    ...probeBounds(policy, untilMs - Date.now()),
    summary: `Ask whether ${nameOf(system)} answers again`,
  });
  const probing = new CancellationScope();
  try {
    const isOver = condition(() => workflowInfo().continueAsNewSuggested || isLeft());
    isOver.then(() => probing.cancel()).catch(() => undefined);
    await probing.run(() => probeSystem({ system, deal }));
    return true;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    if (isCancellation(error) || error instanceof ActivityFailure) return false;
    throw error;
  }
}

async function wakeAll(parked: Map<string, ParkedRun>): Promise<void> {
  const ids = [...parked.keys()];
  for (let first = 0; first < ids.length; first += WOKEN_AT_ONCE) {
    const due = ids.slice(first, first + WOKEN_AT_ONCE);
    // Before they are woken: what is parked from here on waits for another answer.
    for (const id of due) parked.delete(id);
    // A run that is over needs no waking.
    await Promise.allSettled(due.map((id) => getExternalWorkflowHandle(id).signal(MESSAGES.systemAnswers)));
  }
}

function nameOf(system: ProbedSystem): string {
  return system.area === 'crm' ? `${system.crm} ${system.account}` : AWAY[system.area];
}

const MAX_NAMED_RUNS = 50;

function describe(system: ProbedSystem, parked: readonly ParkedRun[]): string {
  const named = parked.slice(0, MAX_NAMED_RUNS).map(({ workflowId }) => `- \`${workflowId}\``);
  const others = parked.length - named.length;
  return [
    `**${countOf(parked.length, 'run')}** wait${parked.length === 1 ? 's' : ''} until ${nameOf(system)} answers again. The pending activity shows the last failure.`,
    '',
    ...named,
    ...(others > 0 ? [`- and ${others} more`] : []),
  ].join('\n');
}
