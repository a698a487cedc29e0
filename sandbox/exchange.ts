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
}

/** Carries out one part of a request that has several, unless a fault has it answered otherwise. */
export type RunPart = (
  part: SandboxRequest,
  respond: () => SandboxResponse | Promise<SandboxResponse>,
) => Promise<SandboxResponse>;
