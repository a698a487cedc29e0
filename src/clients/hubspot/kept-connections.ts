import type { Agent } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { type Bound, BoundedWay, poolOf } from './bounded-way.ts';

/**
 * How long a connection is kept unused: shorter than servers and proxies usually keep theirs, and shorter still when an
 * answer says so (`Keep-Alive: timeout=…`), so that one which HubSpot is about to close is hardly ever taken.
 */
const KEPT_MS = 4_000;

interface Errand extends Bound {
  /** A repeat does nothing twice. */
  readonly isRead: boolean;
}

/**
 * The connections to HubSpot that calls share. A call has one for itself until its whole answer is there; however else
 * it ends, its connection is closed. Unused ones close by themselves and keep no process alive.
 */
export class KeptConnections {
  readonly #baseUrl: string;
  readonly #kept: Agent;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
    this.#kept = poolOf(baseUrl, { keepAlive: true, timeout: KEPT_MS });
  }

  /**
   * Runs `send`, which makes one request with the agent that it gets. HubSpot may close a kept connection just as it is
   * taken: what did not leave, or only reads, goes once more, over a connection of its own.
   */
  async run<T>(errand: Errand, send: (agent: Agent) => Promise<T>): Promise<T> {
    if (!errand.isRead) await closesHeardOf();
    const kept = new BoundedWay(this.#baseUrl, this.#kept, errand);
    try {
      return await send(kept.agent);
    } catch (error) {
      if (!kept.isUnsent && !(errand.isRead && kept.isUnheard)) throw error;
    } finally {
      kept.end();
    }
    const own = new BoundedWay(this.#baseUrl, poolOf(this.#baseUrl, { keepAlive: false }), errand);
    try {
      return await send(own.agent);
    } finally {
      own.end();
    }
  }
}

/** Lets the event loop ask what has come in. One turn may only end what was asked for before. */
async function closesHeardOf(): Promise<void> {
  await turn();
  await turn();
}
