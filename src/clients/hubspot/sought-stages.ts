import type { DealTerms } from '../../domain/deal/catalog.ts';
import type { DealStage } from './pipelines.ts';
import { isAfterWon, outcomeOf } from './standing.ts';

/** Ids of the stages in which deals stand that count as won. */
export interface SoughtStages {
  /** Every deal in them counts. */
  readonly won: readonly string[];
  /** A deal in them counts if it was won before: only its history tells. */
  readonly perhaps: readonly string[];
}

export function soughtStages(stages: readonly DealStage[], terms: DealTerms): SoughtStages {
  const counts = ({ pipelineId }: DealStage) => terms.kinds.length === 0 || terms.kinds.includes(pipelineId);
  const won = stages.filter((stage) => outcomeOf(stage, terms) === 'won' && counts(stage));
  const wonIds = new Set(won.map(({ id }) => id));
  // Back in an open stage of the pipeline that it was won in, a deal is not won any more.
  const winners = new Set(won.map(({ pipelineId }) => pipelineId));
  const isElsewhere = ({ pipelineId }: DealStage) => [...winners].some((id) => id !== pipelineId);
  const perhaps = stages.filter(
    (stage) =>
      !wonIds.has(stage.id) &&
      (isAfterWon(stage, terms) || (isElsewhere(stage) && outcomeOf(stage, terms) !== 'lost')),
  );
  return { won: [...wonIds].sort(), perhaps: [...new Set(perhaps.map(({ id }) => id))].sort() };
}

/** Stages that an event may tell of when a deal was won; the run decides. */
export function eventStages(stages: readonly DealStage[], terms: DealTerms): ReadonlySet<string> {
  const { won } = soughtStages(stages, terms);
  return new Set([...won, ...stages.filter((stage) => isAfterWon(stage, terms)).map(({ id }) => id)]);
}
