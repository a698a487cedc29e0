import { z } from 'zod';
import type { Stage } from '../../domain/deal/standing.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';

export interface DealStage {
  readonly id: string;
  readonly pipelineId: string;
  readonly pipelineLabel: string;
  readonly label: string;
  readonly is: Stage['is'];
}

/** Metadata values are texts in HubSpot ("true", "1.0"); one that is neither text, number nor truth tells nothing. */
const metadataValue = z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined);
const metadataSchema = z.object({ isClosed: metadataValue, probability: metadataValue });

const pipelinesSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      label: z.string().optional(),
      stages: z.array(z.object({ id: z.string(), label: z.string(), metadata: metadataSchema.nullish() })),
    }),
  ),
});

/** The stages as they were a while ago: admins change pipelines seldom. */
export interface Stages {
  /** Read, once as long as they are believed, and anew where the stage that is asked for is not among them. */
  including(stageId: string | null, signal?: AbortSignal): Promise<readonly DealStage[]>;
}

export function createStages(connection: Connection, believedMs: number): Stages {
  const known = new KnownOnce((signal) => readDealStages(connection, signal), believedMs);
  return {
    async including(stageId, signal) {
      const stages = await known.get(signal);
      if (stageId === null || stages.some(({ id }) => id === stageId)) return stages;
      return known.lookAnew(signal);
    },
  };
}

/** All stages of all deal pipelines. Archived stages are among them: deals may still stand there. */
export async function readDealStages(connection: Connection, signal?: AbortSignal): Promise<DealStage[]> {
  const { results } = await connection.call(
    { name: 'read deal pipelines', effect: 'read', answer: pipelinesSchema, signal },
    (client) => client.crm.pipelines.pipelinesApi.getAll('deals'),
  );
  return results.flatMap(({ id: pipelineId, label: pipelineLabel = pipelineId, stages }) =>
    stages.map(({ id, label, metadata }) => ({
      id,
      pipelineId,
      pipelineLabel,
      label,
      is: outcomeIn(metadata),
    })),
  );
}

/**
 * A stage is won when it is closed with a probability of one. Never by its label or id: people rename stages,
 * and own pipelines have numeric ids.
 */
function outcomeIn(metadata: z.infer<typeof metadataSchema> | null | undefined): Stage['is'] {
  if (String(metadata?.isClosed) !== 'true') return 'open';
  return Number(metadata?.probability) === 1 ? 'won' : 'lost';
}
