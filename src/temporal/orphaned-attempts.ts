import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../observability/logging.ts';
import { type Attempt, type AttemptJournal, openAttemptJournal } from './attempt-journal.ts';

interface Options {
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  readonly logger: Logger;
}

/**
 * The journal of this process, after the steps of those before it were given to others. Null where the folder cannot
 * keep one: then Temporal has to miss the steps of a process that dies.
 */
export async function followDeadProcesses(folder: string, options: Options): Promise<AttemptJournal | null> {
  try {
    const journal = await openAttemptJournal(folder);
    if (journal.orphans.length > 0) await giveUp(journal.orphans, options);
    journal.forgetOrphans();
    return journal;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.logger.info({ folder, reason }, 'Steps in progress are not noted for the worker after this one');
    return null;
  }
}

const DEADLINE_MS = 4_000;
const NOT_FOUND = 5;

/** A request of the dead process may still be on its way. */
const NEXT_AFTER_MS = 1_000;

/** For the run it is what a silence is: the attempt may have done anything, and leaves no word. */
const gone = () =>
  defaultFailureConverter.errorToFailure(
    ApplicationFailure.create({
      type: 'ProcessGone',
      message: 'The process that worked on this step is gone',
      nextRetryDelay: NEXT_AFTER_MS,
    }),
    defaultPayloadConverter,
  );

/**
 * Temporal refuses the token of an attempt that is over or has been followed, so none is ended that lives. What cannot
 * be said in time is missed by its silence.
 */
async function giveUp(
  orphans: readonly Attempt[],
  { connection, namespace, logger }: Options,
): Promise<void> {
  const { workflowService } = connection;
  const runs = new Map(orphans.map(({ workflowId, runId }) => [runId, { workflowId, runId }]));
  await connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
    const steps = Promise.allSettled(
      orphans.map(({ taskToken }) =>
        workflowService.respondActivityTaskFailed({ namespace, taskToken, failure: gone() }),
      ),
    );
    // Otherwise their next tasks wait for the process that had these runs in its memory.
    const memories = Promise.allSettled(
      [...runs.values()].map((execution) => workflowService.resetStickyTaskQueue({ namespace, execution })),
    );
    const [answers] = await Promise.all([steps, memories]);
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    const over = refusals.filter((reason) => isGrpcServiceError(reason) && reason.code === NOT_FOUND).length;
    logger.info(
      { steps: answers.length - refusals.length, over, failed: refusals.length - over },
      'Steps of a process that is gone were given to others',
    );
  });
}
