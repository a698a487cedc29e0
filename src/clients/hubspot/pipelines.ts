import { z } from 'zod';
import type { Connection } from './connection.ts';

export interface DealStage {
  readonly id: string;
  readonly pipelineId: string;
  readonly label: string;
  readonly isWon: boolean;
}

/** Metadata values are texts in HubSpot ("true", "1.0"); one that is neither text, number nor truth tells nothing. */
const metadataValue = z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined);
const metadataSchema = z.object({ isClosed: metadataValue, probability: metadataValue });

const pipelinesSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      stages: z.array(z.object({ id: z.string(), label: z.string(), metadata: metadataSchema.nullish() })),
    }),
  ),
});

/** All stages of all deal pipelines. Archived stages are among them: deals may still stand there. */
export async function readDealStages(connection: Connection, signal?: AbortSignal): Promise<DealStage[]> {
  const { results } = await connection.call(
    { name: 'read deal pipelines', effect: 'read', answer: pipelinesSchema, signal },
    (client) => client.crm.pipelines.pipelinesApi.getAll('deals'),
  );
  return results.flatMap(({ id: pipelineId, stages }) =>
    stages.map(({ id, label, metadata }) => ({ id, pipelineId, label, isWon: isWonStage(metadata) })),
  );
}

/** The ids of all stages that count as won, over all pipelines. */
export async function readWonStageIds(connection: Connection, signal?: AbortSignal): Promise<Set<string>> {
  const stages = await readDealStages(connection, signal);
  return new Set(stages.filter(({ isWon }) => isWon).map(({ id }) => id));
}

/**
 * A stage is won when it is closed with a probability of one. Never by its label or id: people rename stages,
 * and own pipelines have numeric ids.
 */
function isWonStage(metadata: z.infer<typeof metadataSchema> | null | undefined): boolean {
  return String(metadata?.isClosed) === 'true' && Number(metadata?.probability) === 1;
}
