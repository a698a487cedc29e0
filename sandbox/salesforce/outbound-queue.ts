import { mustBeId } from './ids.ts';
import { type Delivery, type OutboundMessages, postMessage } from './outbound-messages.ts';
import type { Settings } from './settings.ts';

/** Salesforce's delivery queue: at least once, out of order after a failure, given up after a day. */

const BATCH_SIZE = 100;
const LONGEST_GAP_MINUTES = 120;
const GIVE_UP_AFTER_MINUTES = 24 * 60;

interface Queued {
  readonly notificationId: string;
  readonly opportunityId: string;
  tries: number;
  waitedMinutes: number;
  dueAtMs: number;
}

export interface DeliveryRecord extends Delivery {
  readonly opportunityIds: readonly string[];
  readonly at: string;
}

export class OutboundQueue {
  /** Every try, oldest first. */
  readonly deliveries: DeliveryRecord[] = [];
  readonly #messages: OutboundMessages;
  readonly #settings: Settings;
  #queue: Queued[] = [];
  #targetUrl: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(messages: OutboundMessages, settings: Settings) {
    this.#messages = messages;
    this.#settings = settings;
  }

  /** Where messages go; with null nothing is sent and nothing is queued. */
  setTarget(targetUrl: string | null): void {
    this.#targetUrl = targetUrl;
    if (targetUrl === null) this.#queue = [];
    else this.#schedule();
  }

  get targetUrl(): string | null {
    return this.#targetUrl;
  }

  /** Opportunities whose message is not acknowledged yet. */
  get pending(): readonly string[] {
    return this.#queue.map((entry) => entry.opportunityId);
  }

  add(opportunityId: string): void {
    if (this.#targetUrl === null || this.#isClosed) return;
    this.#queue.push({
      notificationId: this.#messages.newNotificationId(),
      opportunityId: mustBeId(opportunityId),
      tries: 0,
      waitedMinutes: 0,
      dueAtMs: Date.now(),
    });
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  /** The timer runs on the real clock: the org's own clock may stand still in a test. */
  #schedule(): void {
    if (this.#isClosed || this.#running || this.#targetUrl === null || this.#queue.length === 0) return;
    if (this.#timer) clearTimeout(this.#timer);
    const nextAtMs = Math.min(...this.#queue.map((entry) => entry.dueAtMs));
    this.#timer = setTimeout(() => this.#run(), Math.max(0, nextAtMs - Date.now()));
    this.#timer.unref();
  }

  #run(): void {
    this.#running = this.#deliverDue().finally(() => {
      this.#running = null;
      this.#schedule();
    });
  }

  async #deliverDue(): Promise<void> {
    const targetUrl = this.#targetUrl;
    const due = this.#queue.filter((entry) => entry.dueAtMs <= Date.now()).slice(0, BATCH_SIZE);
    if (targetUrl === null || due.length === 0) return;
    const opportunityIds = due.map((entry) => entry.opportunityId);
    const body = this.#messages.build(opportunityIds, {
      notificationIds: due.map((entry) => entry.notificationId),
    });
    const delivery = await postMessage(targetUrl, body);
    this.deliveries.push({ ...delivery, opportunityIds, at: new Date().toISOString() });
    if (delivery.acked) this.#queue = this.#queue.filter((entry) => !due.includes(entry));
    else for (const entry of due) this.#postpone(entry);
  }

  /** 1, 2, 4 … minutes, at most two hours apart. */
  #postpone(entry: Queued): void {
    const gapMinutes = Math.min(2 ** entry.tries, LONGEST_GAP_MINUTES);
    entry.tries += 1;
    entry.waitedMinutes += gapMinutes;
    entry.dueAtMs = Date.now() + gapMinutes * this.#settings.minuteMs;
    if (entry.waitedMinutes > GIVE_UP_AFTER_MINUTES) {
      this.#queue = this.#queue.filter((other) => other !== entry);
    }
  }
}
