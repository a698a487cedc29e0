import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';

/** Node's documentation leaves `addRequest` out, but it is what Node calls on an agent for each request. */
type Pool = HttpAgent & { addRequest(request: ClientRequest, options: object): void };

export interface Bound {
  readonly maxBytes: number;
  /** Called once; whoever made the agent ends it then. */
  readonly onExceeded: () => void;
  /** Asked when the connection is there, which may be long after it was asked for. */
  readonly mayLeave: () => boolean;
  /** Called instead of sending the request. */
  readonly onLate: () => void;
}

/** A pool of connections to this address. */
export function poolOf(baseUrl: string, options: ConstructorParameters<typeof HttpAgent>[0]): HttpAgent {
  return baseUrl.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
}

/**
 * The way of one request over a pool that all calls share. The official client collects an answer without any bound and
 * hands nothing out before its end, so the socket is the only place to count at; and the only one to hold a request back
 * at whose connection came too late.
 */
export class BoundedWay {
  /** For the client. */
  readonly agent: HttpAgent;
  readonly #bound: Bound;
  #request: ClientRequest | null = null;
  #isOver = false;
  #wasClosedBefore = false;
  #received = 0;

  constructor(baseUrl: string, pool: HttpAgent, bound: Bound) {
    this.#bound = bound;
    // An agent that only passes its request on: it says for which protocol it is, and that connections are kept.
    const front = poolOf(baseUrl, { keepAlive: true }) as Pool;
    front.addRequest = (request, options) => {
      this.#request = request;
      request.once('socket', (socket) => this.#watch(request, socket));
      (pool as Pool).addRequest(request, options);
    };
    this.agent = front;
  }

  /** The kept connection was known to be closed before the request was written to it: nothing has left. */
  get isUnsent(): boolean {
    return this.#wasClosedBefore;
  }

  /** Not one byte came over the kept connection that the request took: it may have been closed at the other end. */
  get isUnheard(): boolean {
    return this.#request?.reusedSocket === true && this.#received === 0;
  }

  /** Closes the connection, whatever state it is in, unless the whole answer is there: then the pool has it back. */
  end(): void {
    this.#isOver = true;
    // Without its socket yet, the request would leave it to the pool half made: it ends as soon as it has it.
    if (this.#request?.socket) this.#request.destroy();
  }

  /** Node tells of the socket before it writes to it. */
  #watch(request: ClientRequest, socket: Socket): void {
    if (this.#isOver) {
      request.destroy();
      return;
    }
    const count = (chunk: Buffer) => this.#count(chunk.length);
    socket.on('data', count);
    request.once('close', () => socket.off('data', count));
    const depart = () => this.#depart(request);
    // Heard of before the client's bytes are, which wait for the same event.
    if (!request.reusedSocket) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', depart);
    else if (socket.writable) depart();
    else this.#wasClosedBefore = true;
  }

  #depart(request: ClientRequest): void {
    if (this.#bound.mayLeave()) return;
    this.#bound.onLate();
    request.destroy();
  }

  #count(bytes: number): void {
    const wasWithin = this.#received <= this.#bound.maxBytes;
    this.#received += bytes;
    if (wasWithin && this.#received > this.#bound.maxBytes) this.#bound.onExceeded();
  }
}
