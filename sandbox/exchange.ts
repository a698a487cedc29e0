export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  /** The decoded path, without the query. */
  readonly path: string;
  /** Names in lower case; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SandboxResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object | null;
  /** Instead of a body: what is written bit by bit, until the caller has gone. */
  readonly stream?: (write: (text: string) => void, closed: AbortSignal) => void;
}

/** Where the parts of a request that has several meet the faults that are meant for them. */
export interface PartRunner {
  /** What the whole request is answered before any part is carried out; null: they may go on. */
  turnAway(parts: readonly Pick<SandboxRequest, 'method' | 'path' | 'body'>[]): SandboxResponse | null;
  /** Carries out one part, unless a fault has it answered otherwise. */
  run(
    part: SandboxRequest,
    respond: () => SandboxResponse | Promise<SandboxResponse>,
  ): Promise<SandboxResponse>;
}

export const UNDISTURBED: PartRunner = {
  turnAway: () => null,
  run: async (_, respond) => respond(),
};
