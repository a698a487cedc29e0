import type { DealTerms } from '../../domain/deal/catalog.ts';
import { type Stage, type StageStay, type Standing, standingOf } from '../../domain/deal/standing.ts';
import type { DealStage } from './pipelines.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';

export const STAGE_PROPERTIES = ['dealstage', 'pipeline'];

/** Whether a deal counts as won, by where it has been. */
export function standingOfRecord(
  record: HubSpotRecord,
  stages: readonly DealStage[],
  terms: DealTerms,
): Standing {
  const { dealstage, pipeline } = record.propertiesWithHistory ?? {};
  const pipelineNow = propertyOf(record, 'pipeline');
  const pipelineAt = (at: Date) =>
    (pipeline ?? []).find(({ timestamp }) => timestamp <= at)?.value ?? pipelineNow;
  const history = [...(dealstage ?? [])].reverse().map(
    ({ value, timestamp }): StageStay => ({
      ...stageIn({ pipelineId: pipelineAt(timestamp), stageId: value ?? null }, stages, terms),
      since: timestamp.toISOString(),
    }),
  );
  const now = { pipelineId: pipelineNow, stageId: propertyOf(record, 'dealstage') };
  return standingOf(history, stageIn(now, stages, terms));
}

interface Place {
  readonly pipelineId: string | null;
  readonly stageId: string | null;
}

/** Null: the pipelines do not have it (any more). */
export function findStage({ pipelineId, stageId }: Place, stages: readonly DealStage[]): DealStage | null {
  const sameId = stages.filter(({ id }) => id === stageId);
  // Stage ids are unique within a pipeline only, and the histories of stage and pipeline are written apart.
  return sameId.find((stage) => stage.pipelineId === pipelineId) ?? sameId[0] ?? null;
}

function stageIn(place: Place, stages: readonly DealStage[], terms: DealTerms): Stage {
  const stage = findStage(place, stages);
  if (stage === null) return { is: 'open', pipeline: place.pipelineId, isAfterWon: false };
  return { is: outcomeOf(stage, terms), pipeline: stage.pipelineId, isAfterWon: isAfterWon(stage, terms) };
}

export function outcomeOf({ id, is }: DealStage, { wonStages }: DealTerms): Stage['is'] {
  return wonStages.includes(id) ? 'won' : is;
}

export function isAfterWon({ id, pipelineId }: DealStage, { afterWon }: DealTerms): boolean {
  return afterWon.includes(id) || afterWon.includes(pipelineId);
}
