import type { SandboxUrls } from '../sandbox/environment.ts';
import type { Plans } from './empty-activities.ts';

/** Where a worker keeps seats: the address of a PostgreSQL, or the embedded database in a folder of its own. */
export type BenchStore = { readonly databaseUrl: string } | { readonly folder: string };

/** What the bench asks of a worker in a process of its own, as the first argument of that process in JSON. */
export interface WorkerOrder {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  /** File with the workflow bundle: bundling in the worker would add to its memory. */
  readonly bundlePath: string;
  readonly work:
    | {
        readonly kind: 'real';
        readonly urls: SandboxUrls;
        readonly catalogPath?: string;
        readonly seatStore?: BenchStore;
      }
    | { readonly kind: 'empty'; readonly plans: Plans };
}

/** `startPeak` collects garbage and forgets earlier peaks; `readPeak` tells what happened since. Both are answered. */
export type WorkerQuestion = 'startPeak' | 'readPeak';

export type WorkerMessage = { readonly kind: 'ready' } | ({ readonly kind: 'memory' } & WorkerMemory);

/** Resident memory of the worker's process, in bytes. */
export interface WorkerMemory {
  readonly peakBytes: number;
  /** After a garbage collection. */
  readonly settledBytes: number;
}
