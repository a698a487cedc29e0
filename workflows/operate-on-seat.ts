import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { EffectClass } from '../src/contracts/activities.ts';
import { searchAttributeKeys } from '../src/contracts/search-attributes.ts';
import {
  OPERATION_EFFECTS,
  type OperationFailure,
  RETRY_OPERATION,
  type SeatOperationActivities,
  type SeatOperationInput,
  type SeatOperationResult,
} from '../src/contracts/seat-operations.ts';
import type { Problem } from '../src/domain/failure.ts';
import { isRefusal } from '../src/domain/seats/operation-refusal.ts';
import { whatIsAsked } from '../src/domain/seats/operation-words.ts';
import { momentInWords } from '../src/domain/texts/days.ts';
import { withCure } from '../src/domain/words.ts';
import { activityBounds } from './calls.ts';
import { problemOf } from './failures.ts';
import { plainMarkdown } from './plain-markdown.ts';

const retryOperation = defineSignal(RETRY_OPERATION);

/**
 * One change of one seat: at the platform first, then in the ledger, then on the contacts. What the platform refuses ends
 * it, and the seat goes back to where it was. What only time or an admin can mend is tried again until it is done, each
 * hour or when a person says so.
 */
export async function operateOnSeat(input: SeatOperationInput): Promise<SeatOperationResult> {
  const steps = openSteps(input);
  const { ended } = await steps.run('beginOperation', 'Take the operation up', {});
  if (ended !== null) return ended;
  steps.show('Under way');
  try {
    await STORIES[input.kind](steps);
    return await finish(steps, () => steps.run('settleOperation', 'Note that it is done', {}));
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    const failure = isCancellation(error) ? CANCELLED : failureOf(error);
    const refuse = () => steps.run('refuseOperation', 'Put the seat back to where it was', failure);
    return await CancellationScope.nonCancellable(() => finish(steps, refuse));
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

const CANCELLED: OperationFailure = {
  code: 'run.cancelled',
  message: 'The operation was cancelled. What it did at the learning platform until then stays.',
  isGivenUp: true,
};

function failureOf(error: TemporalFailure): OperationFailure {
  const { code, message } = problemOf(error);
  return isRefusal(code) ? { code, message } : { code, message, isGivenUp: true };
}

type Story = (steps: Steps) => Promise<void>;

const takeBack: Story = async (steps) => {
  for (;;) {
    await steps.run('endAccess', 'End the access at the learning platform', {});
    await keepCode(steps);
    const { is } = await steps.run('replaceCode', 'Put another seat in the place of this one', {});
    // Whoever had the code may use it until it is retired.
    if (is === 'done') return;
  }
};

const writeLinks: Story = async (steps) => {
  await steps.run('writeLinks', 'Bring the links on contacts up to date', {});
};

const giveAccess: Story = async (steps) => {
  await steps.run('giveAccess', 'Give access at the learning platform', {});
};

const changeEnd: Story = async (steps) => {
  await steps.run('changeAccessEnd', 'Set the end of access at the learning platform', {});
};

const STORIES: Readonly<Record<SeatOperationInput['kind'], Story>> = {
  revoke: async (steps) => {
    await takeBack(steps);
    await writeLinks(steps);
  },
  reassign: async (steps) => {
    await takeBack(steps);
    try {
      await giveAccess(steps);
    } finally {
      // The platform may refuse the other person; the first one has lost the seat all the same.
      await writeLinks(steps);
    }
  },
  extend: changeEnd,
  shorten: changeEnd,
  reissue: async (steps) => {
    await keepCode(steps);
    await steps.run('replaceCode', 'Put a new code in the place of the lost one', {});
    await writeLinks(steps);
  },
  grant: giveAccess,
};

/** A code for what comes after it: a spare one, or one of a small group that is made for it. */
async function keepCode(steps: Steps): Promise<void> {
  const { needs } = await steps.run('keepCode', 'Look for a spare code', {});
  if (needs === null) return;
  const { lookUpMinMs, lookUpMs, lookUpIntervalMs } = steps.input.policy;
  const lookUps = { lookUpMinMs, lookUpMs, lookUpIntervalMs };
  const { groupId } = await steps.run('makeReplacementGroup', `Make group ${needs.label}`, lookUps);
  await steps.run('takeReplacementCodes', `Read the codes of ${needs.label}`, { groupId });
}

type Name = keyof SeatOperationActivities;
type Said<K extends Name> = Omit<Parameters<SeatOperationActivities[K]>[0], 'operationId' | 'patienceMs'>;
type Result<K extends Name> = Awaited<ReturnType<SeatOperationActivities[K]>>;

interface Steps {
  readonly input: SeatOperationInput;
  /** The result, or a refusal; anything else is waited for. */
  run<K extends Name>(name: K, summary: string, said: Said<K>): Promise<Result<K>>;
  show(standing: string, found?: Problem): void;
}

function openSteps(input: SeatOperationInput): Steps {
  const { operationId, policy } = input;
  const bounds = activityBounds(policy);
  const deadline = Date.now() + policy.attentionDeadlineMs;
  let isAskedAgain = false;
  setHandler(
    retryOperation,
    () => {
      isAskedAgain = true;
    },
    { description: 'What the operation waits for was mended: try again now.' },
  );
  const show = (standing: string, found?: Problem) => {
    setCurrentDetails(details(input, standing, found));
    upsertSearchAttributes([
      { key: searchAttributeKeys.status, value: found === undefined ? standing : 'NeedsAttention' },
      { key: searchAttributeKeys.failureCode, value: found?.code ?? null },
      { key: searchAttributeKeys.waitsFor, value: found === undefined ? null : 'admin' },
    ]);
  };
  const call = <K extends Name>(name: K, summary: string, said: Said<K>): Promise<Result<K>> => {
    const effect: EffectClass = OPERATION_EFFECTS[name];
    const activities = proxyActivities({ ...bounds[effect], summary }) as unknown as Readonly<
      Record<Name, (said: object) => Promise<unknown>>
    >;
    return activities[name]({ operationId, patienceMs: policy.passingMs, ...said }) as Promise<Result<K>>;
  };
  return {
    input,
    show,
    run: async <K extends Name>(name: K, summary: string, said: Said<K>): Promise<Result<K>> => {
      for (;;) {
        isAskedAgain = false;
        try {
          return await call(name, summary, said);
        } catch (error) {
          if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
          const found = problemOf(error);
          if (isRefusal(found.code) || Date.now() >= deadline) throw error;
          await waitForHelp(found);
        }
      }
    },
  };

  /** The deal is not concerned, so no one is asked but those who run Dealseat: the store and this page say why. */
  async function waitForHelp(found: Problem): Promise<void> {
    show('Waiting', found);
    const { code, message } = found;
    try {
      await call('noteWaiting', 'Note what it waits for, and alert', { code, message, deal: input.deal });
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      // The store itself may be what is away.
    }
    const pauseMs = Math.min(policy.lookAgainMs, Math.max(1, deadline - Date.now()));
    await condition(() => isAskedAgain, pauseMs, { summary: 'Waits before it tries again' });
    show('Under way');
  }
}

async function finish(steps: Steps, end: () => Promise<SeatOperationResult>): Promise<SeatOperationResult> {
  const result = await end();
  const { state, failureCode } = result;
  steps.show(STANDING[state] ?? state);
  if (failureCode !== null) {
    upsertSearchAttributes([{ key: searchAttributeKeys.failureCode, value: failureCode }]);
  }
  return result;
}

const STANDING: Readonly<Partial<Record<SeatOperationResult['state'], string>>> = {
  done: 'Done',
  refused: 'Refused',
  failed: 'Failed',
};

function details({ operationId, seatId, kind, deal }: SeatOperationInput, standing: string, found?: Problem) {
  const lines = [
    `**${standing}**: ${whatIsAsked(kind)}`,
    '',
    `- Operation: \`${plainMarkdown(operationId)}\``,
    `- Seat: \`${seatId}\``,
    `- Deal: ${deal.crm} ${plainMarkdown(deal.account)}, ${plainMarkdown(deal.dealId)}`,
  ];
  if (found === undefined) return lines.join('\n');
  return [
    ...lines,
    '',
    `**What to fix** since ${momentInWords(Date.now())}`,
    '',
    `- \`${found.code}\` ${withCure(plainMarkdown(found.message), found.cure)}`,
    `- It tries again each hour. To try at once: \`dealseat seats operation ${plainMarkdown(operationId)} --retry\``,
  ].join('\n');
}
