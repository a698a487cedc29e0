import { createHmac } from 'node:crypto';

/** The two descriptions that the vendor gives of its outbound webhooks, which disagree. */
export type WebhookStyle =
  /** `{event, timestamp, data}` with `X-TI-Signature`. */
  | 'enveloped'
  /** The bare event of the API, unsigned. */
  | 'bare';

export interface WebhookTarget {
  readonly url: string;
  readonly style: WebhookStyle;
  /** Signs messages of either style; null: they carry no signature. */
  readonly secret: string | null;
}

/** What the platform does not rule out, each switched on by a test. */
export interface WebhookModes {
  readonly signature?: 'bad' | 'missing' | 'prefixed';
  /** Every message comes twice, without any failure. */
  readonly duplicate?: boolean;
  /** Of messages that wait for `release`, the newest comes first. */
  readonly shuffle?: boolean;
  /** Messages wait until `release`. */
  readonly hold?: boolean;
  /** Messages are never sent. */
  readonly lose?: boolean;
}

interface WebhookDelivery {
  readonly attempt: number;
  /** Null when no answer came in time, or no connection was made. */
  readonly status: number | null;
}

type EventRecord = Readonly<Record<string, unknown>>;

const MAX_ATTEMPTS = 5;
/** Into which the platform's pauses of minutes and hours are squeezed. */
const PAUSES_MS = [10, 20, 40, 80];
const ANSWER_TIMEOUT_MS = 5_000;

/** Tells a target of redemptions, one a message, and tells again what was not taken. */
export class WebhookSender {
  target: WebhookTarget | null = null;
  modes: WebhookModes = {};
  /** Every attempt, oldest first. */
  readonly deliveries: WebhookDelivery[] = [];
  readonly #held: EventRecord[] = [];
  readonly #atWork = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  /** Without a target nobody listens, and the event is gone. */
  add(event: EventRecord): void {
    if (this.target === null || this.modes.lose) return;
    if (this.modes.hold) this.#held.push(event);
    else this.#start(event);
  }

  /** Sends what was held back, one message after the other. */
  async release(): Promise<void> {
    const held = this.#held.splice(0);
    for (const event of this.modes.shuffle ? held.reverse() : held) {
      this.#start(event);
      await this.settled();
    }
  }

  /** Until every message was taken or given up. */
  async settled(): Promise<void> {
    while (this.#atWork.size > 0) await Promise.all(this.#atWork);
  }

  stop(): void {
    this.#stopped.abort();
  }

  #start(event: EventRecord): void {
    for (let copy = 0; copy < (this.modes.duplicate ? 2 : 1); copy += 1) {
      const work = this.#deliver(event).finally(() => this.#atWork.delete(work));
      this.#atWork.add(work);
    }
  }

  async #deliver(event: EventRecord): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && !this.#stopped.signal.aborted; attempt += 1) {
      const status = await this.#post(event);
      this.deliveries.push({ attempt, status });
      if (status !== null && status >= 200 && status < 300) return;
      await pause(PAUSES_MS[attempt - 1] ?? 0);
    }
  }

  async #post(event: EventRecord): Promise<number | null> {
    if (this.target === null) return null;
    const { url, style, secret } = this.target;
    const { event: name, timestamp, ...data } = event;
    const body = JSON.stringify(style === 'bare' ? event : { event: name, timestamp, data });
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...this.#signature(body, secret) },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_TIMEOUT_MS), this.#stopped.signal]),
      });
      await response.text();
      return response.status;
    } catch {
      return null;
    }
  }

  #signature(body: string, secret: string | null): Record<string, string> {
    const { signature } = this.modes;
    if (secret === null || signature === 'missing') return {};
    const key = signature === 'bad' ? `${secret}-of-someone-else` : secret;
    const digest = createHmac('sha256', key).update(body, 'utf8').digest('hex');
    return { 'X-TI-Signature': signature === 'prefixed' ? `sha256=${digest}` : digest };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
