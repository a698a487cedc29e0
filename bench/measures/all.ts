import type { Bench } from '../bench.ts';
import type { DriveResult } from '../driver/drive.ts';
import * as scenarios from '../driver/scenarios.ts';
import { type Acknowledgement, measureAcknowledgement } from './acknowledgement.ts';
import { measureAway, measureRow, measureSequence, type SequenceResult } from './deliveries.ts';
import { type HistorySize, measureHistory } from './history.ts';
import { type Latency, measureLatency } from './latency.ts';
import { type MemoryUse, measureMemory } from './memory.ts';
import type { MeasureName } from './names.ts';
import { countRequests, type RequestCount } from './requests.ts';
import { measureSeats, type SeatsUse } from './seats.ts';
import { measureSize, type PackageSize } from './size.ts';
import { measureStartUp, type StartUp } from './start-up.ts';
import { measureThroughput, type Throughput } from './throughput.ts';
import { measureWorkers, type WorkersResult } from './workers.ts';

/** Every figure of the bench, by the name of its measure. */
export interface Figures {
  readonly sequence: readonly SequenceResult[];
  readonly burst: DriveResult;
  readonly batch: DriveResult;
  readonly duplicates: DriveResult;
  readonly refused: DriveResult;
  readonly lost: DriveResult;
  readonly kill: DriveResult;
  readonly limited: DriveResult;
  readonly away: DriveResult;
  readonly workers: readonly WorkersResult[];
  readonly acknowledgement: Acknowledgement;
  readonly latency: readonly Latency[];
  readonly throughput: Throughput;
  readonly history: readonly HistorySize[];
  readonly memory: readonly MemoryUse[];
  readonly requests: readonly RequestCount[];
  readonly startUp: StartUp;
  readonly size: PackageSize;
  readonly seats: readonly SeatsUse[];
}

interface Measure<T> {
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<T>;
}

export const MEASURES: { readonly [Name in MeasureName]: Measure<Figures[Name]> } = {
  sequence: { title: 'One deal at a time', measure: measureSequence },
  burst: { title: 'Many deals at once', measure: (bench) => measureRow(bench, scenarios.burst) },
  batch: {
    title: 'Deals of one batch, with little allowed by the platform',
    measure: (bench) => {
      const { allowedPerMinute: requestsPerMinute } = bench.effort.scale;
      return measureRow(bench, scenarios.batch, { requestsPerMinute });
    },
  },
  duplicates: { title: 'Every event twice', measure: (bench) => measureRow(bench, scenarios.duplicates) },
  refused: { title: 'Each create refused twice', measure: (bench) => measureRow(bench, scenarios.refused) },
  lost: { title: 'Answers of creates lost', measure: (bench) => measureRow(bench, scenarios.lost) },
  kill: { title: 'The process killed', measure: (bench) => measureRow(bench, scenarios.kill) },
  limited: {
    title: 'The platform refuses for its quota',
    measure: (bench) => measureRow(bench, scenarios.limited),
  },
  away: { title: 'The Temporal server away', measure: measureAway },
  workers: { title: 'One, two and three workers', measure: measureWorkers },
  startUp: { title: 'Start-up', measure: measureStartUp },
  size: { title: 'Size of what is installed', measure: measureSize },
  latency: { title: 'Beside the empty chain: one deal', measure: measureLatency },
  throughput: { title: 'Beside the empty chain: many deals', measure: measureThroughput },
  history: { title: 'History of a deal', measure: measureHistory },
  memory: { title: 'Memory of a worker', measure: measureMemory },
  requests: { title: 'Requests of a deal', measure: countRequests },
  acknowledgement: {
    title: 'Acknowledgement of an event',
    measure: async (bench) => {
      const { signedEvents: events, eventsPerSecond: perSecond } = bench.effort;
      return measureAcknowledgement(await bench.stack(), { events, perSecond });
    },
  },
  seats: { title: 'The store of seats', measure: measureSeats },
};
