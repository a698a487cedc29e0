import type { WorkflowExecutionDescription } from '@temporalio/client';

/** A step that has failed and is tried again. */
export interface Repeating {
  /** Name of the activity. */
  readonly step: string;
  /** Number of the attempt that is under way or comes next. */
  readonly attempt: number;
  /** Failure code of the last attempt, or the type of what was thrown; null: it was lost. */
  readonly code: string | null;
  readonly message: string;
}

export interface RunActivity {
  readonly isClosed: boolean;
  /** A step or a turn of the run is under way or due. */
  readonly isAtWork: boolean;
}

type Described = Pick<WorkflowExecutionDescription, 'raw' | 'closeTime'>;

export function activityOf({ raw, closeTime }: Described): RunActivity {
  const isClosed = closeTime !== undefined;
  const steps = raw.pendingActivities?.length ?? 0;
  return { isClosed, isAtWork: !isClosed && (steps > 0 || Boolean(raw.pendingWorkflowTask)) };
}

export function repeatingOf({ raw }: Described): Repeating[] {
  return (raw.pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) => {
    if (!lastFailure || (attempt ?? 1) < 2) return [];
    return [
      {
        step: activityType?.name ?? '',
        attempt: attempt ?? 1,
        code: lastFailure.applicationFailureInfo?.type ?? null,
        message: lastFailure.message ?? '',
      },
    ];
  });
}
