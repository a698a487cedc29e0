import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { OutcomeSinks } from '../src/contracts/outcomes.ts';
import { FINAL_STATUSES, type Progress, type ProvisionInput } from '../src/contracts/run.ts';
import { waitsForOf } from '../src/contracts/waits-for.ts';
import { cut } from '../src/domain/cut.ts';
import { FAILURES, type FailureCode } from '../src/domain/failure.ts';

const { outcomes } = proxySinks<OutcomeSinks>();

interface Ended {
  /** Why the run ends without a problem that a person can fix. */
  readonly reason: FailureCode | null;
  readonly isUnchanged: boolean;
}

/** Reports every end and every question of a run once, whatever else changes while it rests there. */
export function createOutcomes({ deal, carried }: ProvisionInput) {
  const before = carried?.work?.progress ?? carried?.previous ?? null;
  let said = before && keyOf('step' in before ? before : { status: before.status, step: before.detail });
  return (progress: Progress, { reason, isUnchanged }: Ended): void => {
    if (!isOutcome(progress)) return;
    const key = keyOf(progress);
    if (key === said) return;
    said = key;
    const [first] = progress.problems;
    const code = first?.code ?? reason;
    outcomes.reached({
      ...deal,
      dealName: progress.dealName,
      status: progress.status,
      waitsFor: waitsForOf(progress),
      code,
      message: cut(first?.message ?? progress.step, MAX_TEXT_LENGTH),
      cure: first?.cure ?? (code === null ? null : FAILURES[code].cure),
      problemCount: progress.problems.length,
      seats: progress.seatCount,
      durationMs: Date.now() - workflowInfo().startTime.getTime(),
      isUnchanged,
    });
  };
}

function isOutcome({ status }: Progress): boolean {
  return status === 'NeedsAttention' || FINAL_STATUSES.includes(status);
}

/** A question is known by its id; an end, by what it says. */
function keyOf({ status, step, question }: Pick<Progress, 'status' | 'step'> & Partial<Progress>): string {
  return `${status} ${question?.id ?? step}`;
}

const MAX_TEXT_LENGTH = 600;
