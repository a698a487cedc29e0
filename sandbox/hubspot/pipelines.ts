import { notFound, type PropertyFault } from './answers.ts';

export interface PipelineStage {
  readonly id: string;
  readonly label: string;
  /** HubSpot keeps both values as text. */
  readonly metadata: { readonly isClosed: 'true' | 'false'; readonly probability: string };
}

export interface Pipeline {
  readonly id: string;
  readonly label: string;
  readonly stages: readonly PipelineStage[];
}

export const DEFAULT_PIPELINE = 'default';
/** A pipeline made by an admin: its ids are numbers, and its won stage is not called "Closed Won". */
export const NUMERIC_PIPELINE = '74512390';
export const NUMERIC_WON_STAGE = '1233582150';

/** What becomes of deals after they are won; no portal has it by itself. */
export const FULFILMENT_PIPELINE = {
  id: '75409261',
  label: 'Fulfilment',
  stages: [
    { id: '1233582149', label: 'Kick-off', metadata: { isClosed: 'false', probability: '0.5' } },
    { id: '202', label: 'Live', metadata: { isClosed: 'true', probability: '1.0' } },
    { id: '203', label: 'Cancelled', metadata: { isClosed: 'true', probability: '0.0' } },
  ],
} as const satisfies Pipeline;

/** `probability` spelled "1" here and "1.0" there: both occur. */
const BUILT_IN: readonly Pipeline[] = [
  {
    id: DEFAULT_PIPELINE,
    label: 'Sales Pipeline',
    stages: [
      stage('appointmentscheduled', 'Appointment Scheduled', '0.2'),
      stage('qualifiedtobuy', 'Qualified To Buy', '0.4'),
      stage('presentationscheduled', 'Presentation Scheduled', '0.6'),
      stage('decisionmakerboughtin', 'Decision Maker Bought-In', '0.8'),
      stage('contractsent', 'Contract Sent', '0.9'),
      stage('closedwon', 'Closed Won', '1.0', 'true'),
      stage('closedlost', 'Closed Lost', '0.0', 'true'),
    ],
  },
  {
    id: NUMERIC_PIPELINE,
    label: 'Partner Pipeline',
    stages: [
      stage('1233582148', 'Proposal', '0.5'),
      // A trap for whoever goes by the label.
      stage('1233582149', 'Closed Won (awaiting signature)', '0.95'),
      stage(NUMERIC_WON_STAGE, 'Signed', '1', 'true'),
      stage('1233582151', 'Declined', '0.0', 'true'),
    ],
  },
];

function stage(
  id: string,
  label: string,
  probability: string,
  isClosed: 'true' | 'false' = 'false',
): PipelineStage {
  return { id, label, metadata: { isClosed, probability } };
}

export class PipelineStore {
  readonly #pipelines = new Map(BUILT_IN.map((pipeline) => [pipeline.id, pipeline]));

  list(): Pipeline[] {
    return [...this.#pipelines.values()];
  }

  get(id: string): Pipeline {
    const pipeline = this.#pipelines.get(id);
    if (!pipeline) throw notFound();
    return pipeline;
  }

  add(pipeline: Pipeline): void {
    this.#pipelines.set(pipeline.id, pipeline);
  }

  stage(pipelineId: string | undefined, stageId: string | undefined): PipelineStage | undefined {
    return this.#pipelines.get(pipelineId ?? '')?.stages.find(({ id }) => id === stageId);
  }

  wonStage(pipelineId: string): PipelineStage {
    const won = this.get(pipelineId).stages.find(
      ({ metadata }) => metadata.isClosed === 'true' && Number(metadata.probability) === 1,
    );
    if (!won) throw new Error(`Pipeline ${pipelineId} has no won stage`);
    return won;
  }

  /** What HubSpot says about a stage that the deal's pipeline does not have; null when all is well. */
  stageFault(pipelineId: string, stageId: string): PropertyFault | null {
    const pipeline = this.#pipelines.get(pipelineId);
    if (!pipeline) {
      const ids = [...this.#pipelines.keys()].join(', ');
      return {
        name: 'pipeline',
        error: 'INVALID_OPTION',
        message: `${pipelineId} is not a valid pipeline ID. Valid options are: [ ${ids} ]`,
      };
    }
    if (this.stage(pipelineId, stageId)) return null;
    const ids = pipeline.stages.map(({ id }) => id).join(', ');
    return {
      name: 'dealstage',
      error: 'INVALID_OPTION',
      message: `${stageId} is not a valid pipeline stage ID. Valid options are: pipelineId=${pipelineId} : [ ${ids} ]`,
    };
  }
}
