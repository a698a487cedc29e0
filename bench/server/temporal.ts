/** A Temporal server of the bench, which can be away for a while and come back at its address with all that it knew. */
export interface BenchServer {
  readonly address: string;
  /** For the page: what it is and where it keeps its runs. */
  readonly description: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Of all its processes, the database's included. */
  processIds(): readonly number[];
  /** Stops it and removes what it kept. */
  close(): Promise<void>;
}

export const SERVER_KINDS = ['dev', 'postgres'] as const;

export type ServerKind = (typeof SERVER_KINDS)[number];
