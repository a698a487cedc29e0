import { randomUUID } from 'node:crypto';
import type { Outbox } from '../outbox.ts';
import { type MailTemplate, mergeMail } from './mail-template.ts';

export interface SendRequest {
  readonly emailId: number;
  readonly to: string;
  readonly sendId: string | null;
  readonly custom: Readonly<Record<string, string>>;
  /** Of the recipient, after `contactProperties` were written. */
  readonly contact: Readonly<Record<string, string>>;
}

/** One of HubSpot's `sendResult` values. */
export type SendResult = string;

export interface SendStatus {
  readonly statusId: string;
  readonly status: 'PENDING' | 'PROCESSING' | 'COMPLETE';
  readonly requestedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly sendResult?: SendResult;
  readonly message?: string;
  readonly eventId?: { readonly id: string; readonly created: string };
}

export interface SingleSendOptions {
  readonly now: () => number;
  readonly outbox: Outbox;
  /** How many status reads it takes from PENDING to COMPLETE; all but the last say PROCESSING. */
  readonly pollsUntilComplete: number;
  /** HubSpot documents both words for a repeated `sendId`, and not which comes when. */
  readonly repeatResult: 'IDEMPOTENT_IGNORE' | 'IDEMPOTENT_FAIL';
  /** Whether a send that failed uses its `sendId` up; HubSpot does not say. */
  readonly failedSendUsesSendId: boolean;
}

interface Send {
  readonly statusId: string;
  readonly requestedAt: number;
  readonly result: SendResult;
  readonly message: string | null;
  readonly eventId: string;
  polls: number;
  completedAt: number | null;
}

const ROLE_ADDRESS = /^(abuse|no-?reply|postmaster|privacy|security|spam|webmaster)@/i;

/** The transactional e-mail tool: takes sends, puts what it accepts into the outbox, answers for their status. */
export class SingleSends {
  readonly #options: SingleSendOptions;
  readonly #templates = new Map<number, MailTemplate>();
  readonly #sends = new Map<string, Send>();
  readonly #usedSendIds = new Set<string>();
  readonly #rejected = new Map<string, SendResult>();

  constructor(options: SingleSendOptions) {
    this.#options = options;
  }

  addTemplate(template: MailTemplate): void {
    this.#templates.set(template.emailId, template);
  }

  template(emailId: number): MailTemplate | undefined {
    return this.#templates.get(emailId);
  }

  /** From now on, mail to this address ends in `result`, for example PREVIOUSLY_BOUNCED. */
  rejectAddress(email: string, result: SendResult): void {
    this.#rejected.set(email.toLowerCase(), result);
  }

  /** The decision falls here, though the caller learns of it only by polling. */
  accept(request: SendRequest): SendStatus {
    const { result, message } = this.#decide(request);
    const uses = result === 'SENT' || this.#options.failedSendUsesSendId;
    if (request.sendId !== null && uses) this.#usedSendIds.add(request.sendId);
    const send: Send = {
      statusId: randomUUID(),
      requestedAt: this.#options.now(),
      result,
      message,
      eventId: randomUUID(),
      polls: 0,
      completedAt: null,
    };
    this.#sends.set(send.statusId, send);
    return { statusId: send.statusId, status: 'PENDING', requestedAt: iso(send.requestedAt) };
  }

  poll(statusId: string): SendStatus | undefined {
    const send = this.#sends.get(statusId);
    if (!send) return undefined;
    send.polls += 1;
    const { requestedAt, result, message } = send;
    const started = { statusId, requestedAt: iso(requestedAt), startedAt: iso(requestedAt) };
    if (send.polls < this.#options.pollsUntilComplete) return { ...started, status: 'PROCESSING' };
    send.completedAt ??= this.#options.now();
    return {
      ...started,
      status: 'COMPLETE',
      completedAt: iso(send.completedAt),
      sendResult: result,
      ...(message === null ? {} : { message }),
      ...(result === 'SENT' ? { eventId: { id: send.eventId, created: iso(requestedAt) } } : {}),
    };
  }

  #decide(request: SendRequest): { result: SendResult; message: string | null } {
    const { to, sendId, emailId, custom, contact } = request;
    if (sendId !== null && this.#usedSendIds.has(sendId)) {
      return { result: this.#options.repeatResult, message: null };
    }
    if (ROLE_ADDRESS.test(to)) return { result: 'INVALID_TO_ADDRESS', message: null };
    const rejection = this.#rejected.get(to.toLowerCase());
    if (rejection !== undefined) return { result: rejection, message: null };
    const template = this.#templates.get(emailId);
    if (!template) return { result: 'MISSING_CONTENT', message: null };
    const merged = mergeMail(template, { custom, contact });
    if ('missing' in merged) {
      return { result: 'MISSING_TEMPLATE_PROPERTIES', message: `Missing: ${merged.missing.join(', ')}` };
    }
    this.#options.outbox.add({
      system: 'hubspot',
      to,
      ...merged,
      properties: custom,
      attachments: [],
      sentAt: iso(this.#options.now()),
      key: sendId,
    });
    return { result: 'SENT', message: null };
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
