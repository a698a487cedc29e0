import { setTimeout as wait } from 'node:timers/promises';
import type { PartRunner, SandboxRequest, SandboxResponse } from './exchange.ts';
import type { Fault, FaultPlan, SandboxSystem } from './faults.ts';
import { rateLimitAnswer } from './rate-limit-answer.ts';

/** One line of what a request of several parts asked for. */
export interface PartExchange {
  readonly method: string;
  readonly path: string;
  /** Null when the connection was closed before this part was reached. */
  readonly status: number | null;
  readonly fault: Fault['kind'] | null;
}

/** What nobody hears of: the connection is closed before an answer. */
const NOT_REACHED: SandboxResponse = { status: 503 };

/**
 * The parts of one request. A fault strikes each of them as if it had come alone: it is answered otherwise or late. But
 * they share one connection, so what cuts that off strikes them all, after the parts before it were carried out.
 */
export class Parts implements PartRunner {
  readonly exchanges: PartExchange[] = [];
  readonly #system: SandboxSystem;
  readonly #faults: FaultPlan;
  #cut: Fault | undefined;
  #turnedAwayBy: Fault | undefined;

  constructor(system: SandboxSystem, faults: FaultPlan) {
    this.#system = system;
    this.#faults = faults;
  }

  /** What has struck the request as a whole. */
  get struckBy(): Fault | undefined {
    return this.#turnedAwayBy ?? this.#cut;
  }

  /** What becomes of the answer to all of them. */
  get cut(): Fault | undefined {
    return this.#cut;
  }

  turnAway(parts: readonly Pick<SandboxRequest, 'method' | 'path' | 'body'>[]): SandboxResponse | null {
    for (const part of parts) {
      const fault = this.#faults.takeOne(this.#system, part, isOfAll);
      if (fault === undefined) continue;
      const answer = answerOf(fault, this.#system);
      this.#turnedAwayBy = fault;
      for (const { method, path } of parts) this.exchanges.push({ method, path, status: null, fault: null });
      const { method, path } = part;
      this.exchanges[parts.indexOf(part)] = { method, path, status: answer.status, fault: fault.kind };
      return answer;
    }
    return null;
  }

  async run(
    part: SandboxRequest,
    respond: () => SandboxResponse | Promise<SandboxResponse>,
  ): Promise<SandboxResponse> {
    const { method, path, body } = part;
    const fault = this.#cut ? undefined : this.#faults.take(this.#system, method, path, body);
    if (fault !== undefined && cutsOff(fault)) this.#cut = fault;
    const isReached = this.#cut === undefined || happens(this.#cut);
    const answer = isReached ? await this.#answer(fault, respond) : NOT_REACHED;
    const status = isReached ? answer.status : null;
    this.exchanges.push({ method, path, status, fault: fault?.kind ?? null });
    return answer;
  }

  async #answer(
    fault: Fault | undefined,
    respond: () => SandboxResponse | Promise<SandboxResponse>,
  ): Promise<SandboxResponse> {
    if (fault?.kind === 'delay') await (fault.until ?? wait(fault.delayMs ?? 0));
    if (fault?.kind !== 'status' && fault?.kind !== 'rateLimit') return await respond();
    if (fault.commit) await respond();
    return answerOf(fault, this.#system);
  }
}

/** A session and a quota are those of the request. */
function isOfAll({ kind, status }: Fault): boolean {
  return kind === 'rateLimit' || (kind === 'status' && status === 401);
}

function answerOf(fault: Fault, system: SandboxSystem): SandboxResponse {
  return fault.kind === 'rateLimit'
    ? { ...rateLimitAnswer(system), ...givenParts(fault) }
    : { status: 500, ...givenParts(fault) };
}

function cutsOff({ kind }: Fault): boolean {
  return kind !== 'status' && kind !== 'rateLimit' && kind !== 'delay';
}

/** Whether the parts are carried out although nobody hears of it. */
function happens({ kind, commit }: Fault): boolean {
  return kind !== 'dropBefore' && (kind !== 'html' || commit === true);
}

/** What a fault says of the answer that it gives. */
export function givenParts({ status, headers, body }: Fault): Partial<SandboxResponse> {
  return {
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  };
}
