import type { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, NativeConnection } from '@temporalio/worker';
import { type Lease, LeaseEnded, underLease } from '../clients/lease.ts';

/** Temporal does not know the attempt any more: another one has its place, or the run has ended. */
export class AttemptForgotten extends Error {}

/** Tells Temporal that the attempt is alive, and what it leaves for the next one. Throws `AttemptForgotten`. */
type Beat = (word: unknown, withinMs: number) => Promise<void>;

interface LeaseOptions {
  readonly beat: Beat;
  /** After this long a silence Temporal lets another attempt begin. */
  readonly silenceMs: number;
  /** Since when Temporal counts the silence, at the earliest. */
  readonly heardAt: number;
  readonly onHeard: () => void;
}

/** Shares of the silence: how often to beat, and where the right to act ends. The rest is for calls on their way. */
const BEAT_SHARE = 0.3;
const SURE_SHARE = 0.7;
const AGAIN_SHARE = 0.05;

/** Two clocks: one stands still while a machine sleeps, and the other may be set back. */
interface Moment {
  readonly wall: number;
  readonly steady: number;
}

function now(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

function since({ wall, steady }: Moment): number {
  return Math.max(Date.now() - wall, performance.now() - steady);
}

/**
 * Lasts for as long as Temporal has heard of the attempt a while ago, which only its own answer proves: the SDK's
 * heartbeats are sent and forgotten.
 */
export class AttemptLease implements Lease {
  word: unknown;
  readonly #options: LeaseOptions;
  readonly #end = new AbortController();
  #heardAt: Moment;
  #beating: Promise<void> | null = null;
  #nextBeat: NodeJS.Timeout;
  #lastMoment: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    const waited = Math.max(0, Date.now() - options.heardAt);
    this.#heardAt = { wall: Date.now() - waited, steady: performance.now() - waited };
    this.#nextBeat = this.#beatIn(options.silenceMs * BEAT_SHARE - waited);
    // Unless it had to wait for its worker: then the first beat tells.
    if (this.isSure) this.#endIn(this.#leftMs());
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get isSure(): boolean {
    return !this.#end.signal.aborted && this.#leftMs() > 0;
  }

  async confirm(): Promise<void> {
    while (!this.isSure) {
      this.#end.signal.throwIfAborted();
      await this.#beat();
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#nextBeat);
    clearTimeout(this.#lastMoment);
  }

  #leftMs(): number {
    return this.#options.silenceMs * SURE_SHARE - since(this.#heardAt);
  }

  #beatIn(ms: number): NodeJS.Timeout {
    // The worker's own connections keep the process alive.
    return setTimeout(() => void this.#beatOn(), Math.max(0, ms)).unref();
  }

  async #beatOn(): Promise<void> {
    const isHeard = await this.#beat();
    if (this.#isClosed || this.#end.signal.aborted) return;
    this.#nextBeat = this.#beatIn(this.#options.silenceMs * (isHeard ? BEAT_SHARE : AGAIN_SHARE));
  }

  #endIn(ms: number): void {
    clearTimeout(this.#lastMoment);
    this.#lastMoment = setTimeout(() => this.#endUnlessSure(), ms).unref();
  }

  #endUnlessSure(): void {
    const left = this.#leftMs();
    if (left > 0) this.#endIn(left);
    else this.#end.abort(new LeaseEnded('Temporal has not heard of it for too long'));
  }

  /** Whoever asks meanwhile shares it. */
  async #beat(): Promise<boolean> {
    const before = this.#heardAt;
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = null;
    });
    await this.#beating;
    return this.#heardAt !== before;
  }

  async #beatOnce(): Promise<void> {
    const { beat, silenceMs, onHeard } = this.#options;
    const sentAt = now();
    try {
      await beat(this.word, silenceMs * BEAT_SHARE);
      this.#heardAt = sentAt;
      if (this.#isClosed) return;
      this.#endIn(this.#leftMs());
      onHeard();
    } catch (error) {
      if (error instanceof AttemptForgotten) {
        this.#end.abort(new LeaseEnded('Temporal has given its place away'));
      } else {
        this.#endUnlessSure();
      }
    }
  }
}

/** Each attempt beats while it works, and acts only while it is sure that no other one has its place. */
export function leaseAttempts({
  connection,
  identity,
}: {
  readonly connection: NativeConnection;
  readonly identity?: string;
}): (context: Context) => ActivityInboundCallsInterceptor {
  let behindMs = 0;
  return (context) => ({
    async execute(input, next) {
      const { info } = context;
      const silenceMs = info.heartbeatTimeoutMs;
      // A local activity has no place of its own that could be given away.
      if (!silenceMs || info.isLocal) return next(input);
      const scheduledAt = info.currentAttemptScheduledTimestampMs;
      // What comes before it was scheduled shows how far our clock is behind the server's.
      behindMs = Math.max(behindMs, scheduledAt - Date.now());
      const lease = new AttemptLease({
        beat: (word, withinMs) => beat(connection, { context, identity, word, withinMs }),
        silenceMs,
        // It began later than it was scheduled. A clock that is ahead costs a beat, no more.
        heardAt: scheduledAt - behindMs,
        // The SDK has a clock of its own, and learns of a cancel from the answer to a heartbeat of its own.
        onHeard: () => context.heartbeat(lease.word),
      });
      try {
        return await underLease(lease, () => next(input));
      } finally {
        lease.close();
      }
    },
  });
}

const NOT_FOUND = 5;

async function beat(
  connection: NativeConnection,
  {
    context,
    identity,
    word,
    withinMs,
  }: {
    readonly context: Context;
    readonly identity: string | undefined;
    readonly word: unknown;
    readonly withinMs: number;
  },
): Promise<void> {
  const { namespace, taskToken } = context.info;
  const details =
    word === undefined ? {} : { details: { payloads: [defaultPayloadConverter.toPayload(word)] } };
  try {
    await connection.withDeadline(Date.now() + withinMs, () =>
      connection.workflowService.recordActivityTaskHeartbeat({
        namespace,
        taskToken,
        identity: identity ?? null,
        ...details,
      }),
    );
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) throw new AttemptForgotten();
    throw error;
  }
}
