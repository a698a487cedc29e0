import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { Attempt, AttemptJournal } from './attempt-journal.ts';

/** Notes each attempt before its code runs, for the process that comes after this one. */
export function noteAttempts(
  journal: Pick<AttemptJournal, 'begin'> | null | undefined,
): (context: Context) => ActivityInboundCallsInterceptor {
  return ({ info }) => ({
    async execute(input, next) {
      const { isLocal, taskToken, workflowExecution } = info;
      if (!journal || isLocal || workflowExecution === undefined) return next(input);
      const end = beginIfPossible(journal, { taskToken, ...workflowExecution });
      try {
        return await next(input);
      } finally {
        end();
      }
    },
  });
}

/** With a full disk the attempt goes on without it: Temporal misses it when it is silent, as without a journal. */
function beginIfPossible(journal: Pick<AttemptJournal, 'begin'>, attempt: Attempt): () => void {
  try {
    return journal.begin(attempt);
  } catch {
    return () => undefined;
  }
}
