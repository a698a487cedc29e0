/** Faults on purpose: which request of which system goes wrong, and how. `serve` in `http.ts` carries them out. */

export type SandboxSystem = 'ti' | 'hubspot' | 'salesforce';

/**
 * - `status`: answer with `status`, `body` and `headers`; the handler runs only with `commit`.
 * - `delay`: wait `delayMs`, or until `until` resolves, then answer as usual.
 * - `dropBefore`: close the connection without running the handler: nothing happened.
 * - `dropAfterCommit`: run the handler, then close the connection: it happened, but the caller cannot know.
 * - `truncate`: announce the whole body, send half of it, close.
 * - `stall`: announce the whole body, send half of it, then nothing.
 * - `html`: 502 with a proxy's HTML page; the handler runs only with `commit`.
 * - `rateLimit`: the system's own answer to a used-up quota; the handler never runs.
 */
export const FAULT_KINDS = [
  'status',
  'delay',
  'dropBefore',
  'dropAfterCommit',
  'truncate',
  'stall',
  'html',
  'rateLimit',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly system: SandboxSystem;
  /** Upper case; absent: every method. */
  readonly method?: string;
  /** Tested against the decoded path; absent: every path. */
  readonly path?: RegExp;
  /** Asked with the body of a request that matches so far; not for the state page, which has only JSON. */
  readonly when?: (body: string) => boolean;
  readonly kind: FaultKind;
  readonly status?: number;
  readonly body?: string | object;
  readonly headers?: Record<string, string>;
  readonly delayMs?: number;
  /** Held for as long as the test wants; not for the state page, which has only JSON. */
  readonly until?: Promise<unknown>;
  /** How many matching requests go wrong. Default 1; Infinity: all of them. */
  readonly times?: number;
  /** How many matching requests pass unharmed first. Default 0. */
  readonly after?: number;
  /** For `status` and `html`: run the handler first, so that the change happens all the same. */
  readonly commit?: boolean;
}

interface StruckRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer | undefined;
}

export interface FaultHit {
  readonly fault: Fault;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

interface ArmedFault {
  readonly fault: Fault;
  toSkip: number;
  left: number;
}

export class FaultPlan {
  /** Every request that went wrong, oldest first. */
  readonly hits: FaultHit[] = [];
  #armed: ArmedFault[] = [];

  /** Returns what disarms this fault alone. */
  add(fault: Fault): () => void {
    const armed: ArmedFault = { fault, toSkip: fault.after ?? 0, left: fault.times ?? 1 };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  /** Disarms every fault; the hits stay. */
  clear(): void {
    this.#armed = [];
  }

  /** Disarms those that are over; the hits stay. */
  disarm(isOver: (fault: Fault) => boolean): void {
    this.#armed = this.#armed.filter(({ fault }) => !isOver(fault));
  }

  /** Faults that can still strike, with how often. */
  get active(): readonly { readonly fault: Fault; readonly left: number }[] {
    return this.#armed.map(({ fault, left }) => ({ fault, left }));
  }

  /** The fault that strikes this request, used up by one; the first armed fault that matches wins. */
  take(system: SandboxSystem, method: string, path: string, body?: Buffer): Fault | undefined {
    return this.takeOne(system, { method, path, body }, () => true);
  }

  /** The same, of those faults alone that may strike it now. */
  takeOne(
    system: SandboxSystem,
    { method, path, body }: StruckRequest,
    mayStrike: (fault: Fault) => boolean,
  ): Fault | undefined {
    for (const armed of this.#armed) {
      if (!mayStrike(armed.fault) || !matches(armed.fault, system, method, path)) continue;
      const text = body?.toString('utf8') ?? '';
      if (armed.fault.when && !armed.fault.when(text)) continue;
      if (armed.toSkip > 0) {
        armed.toSkip -= 1;
        continue;
      }
      armed.left -= 1;
      if (armed.left <= 0) this.#armed = this.#armed.filter((other) => other !== armed);
      this.hits.push({ fault: armed.fault, method, path, body: text });
      return armed.fault;
    }
    return undefined;
  }
}

function matches(fault: Fault, system: SandboxSystem, method: string, path: string): boolean {
  if (fault.system !== system) return false;
  if (fault.method !== undefined && fault.method !== method) return false;
  // `search` ignores the `lastIndex` of a global expression, `test` would not.
  return fault.path === undefined || path.search(fault.path) !== -1;
}
