import { invalid, notFound } from './answers.ts';
import type { OwnerStore } from './owners.ts';
import type { HubSpotRecord } from './records.ts';

export interface Sequence {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly createdAt: number;
}

export interface Enrollment {
  readonly id: string;
  readonly sequence: Sequence;
  readonly contactId: string;
  readonly toEmail: string;
  readonly userId: string;
  readonly senderEmail: string;
  readonly enrolledAt: number;
}

const FIRST_ENROLLMENT_ID = 55_810_001;

export class SequenceStore {
  readonly #sequences = new Map<string, Sequence>();
  /** Inboxes a user has connected; only from those can a sequence send. */
  readonly #inboxes = new Map<string, Set<string>>();
  readonly #unsubscribed = new Set<string>();
  readonly enrollments: Enrollment[] = [];
  readonly #now: () => number;
  #nextId = FIRST_ENROLLMENT_ID;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(sequence: Omit<Sequence, 'createdAt'>): void {
    this.#sequences.set(sequence.id, { ...sequence, createdAt: this.#now() });
  }

  connectInbox(userId: string, email: string): void {
    const inboxes = this.#inboxes.get(userId) ?? new Set<string>();
    this.#inboxes.set(userId, inboxes.add(email.toLowerCase()));
  }

  unsubscribe(email: string): void {
    this.#unsubscribed.add(email.toLowerCase());
  }

  list(): Sequence[] {
    return [...this.#sequences.values()];
  }

  get(id: string): Sequence {
    const sequence = this.#sequences.get(id);
    if (!sequence) throw notFound(`Sequence ${id} does not exist`);
    return sequence;
  }

  enrollmentOf(contactId: string): Enrollment | undefined {
    return this.enrollments.find((enrollment) => enrollment.contactId === contactId);
  }

  enroll(request: {
    readonly sequenceId: string;
    readonly userId: string;
    readonly senderEmail: string;
    readonly contact: HubSpotRecord;
    readonly owners: OwnerStore;
  }): Enrollment {
    const { sequenceId, userId, senderEmail, contact, owners } = request;
    const sequence = this.get(sequenceId);
    if (!owners.findByUserId(userId)) throw invalid(`User ${userId} does not exist in this portal`);
    if (!this.#inboxes.get(userId)?.has(senderEmail.toLowerCase())) {
      throw refusedEnrollment(
        'SENDER_NOT_CONNECTED',
        `${senderEmail} is not a connected inbox of user ${userId}`,
      );
    }
    const toEmail = contact.properties.email;
    if (!toEmail) throw refusedEnrollment('MISSING_EMAIL', `Contact ${contact.id} has no email address`);
    if (this.enrollmentOf(contact.id)) {
      throw refusedEnrollment('ALREADY_ENROLLED', `Contact ${contact.id} is already enrolled in a sequence`);
    }
    if (this.#unsubscribed.has(toEmail.toLowerCase())) {
      throw refusedEnrollment('UNSUBSCRIBED', `Contact ${contact.id} has unsubscribed`);
    }
    const enrollment: Enrollment = {
      id: String(this.#nextId++),
      sequence,
      contactId: contact.id,
      toEmail,
      userId,
      senderEmail,
      enrolledAt: this.#now(),
    };
    this.enrollments.push(enrollment);
    return enrollment;
  }

  /** The sequence has run to its end, or a person took the contact out. */
  finish(contactId: string): void {
    const at = this.enrollments.findIndex((enrollment) => enrollment.contactId === contactId);
    if (at !== -1) this.enrollments.splice(at, 1);
  }
}

/** HubSpot publishes the reasons but not the form of the answer: this form is ours. */
function refusedEnrollment(reason: string, message: string) {
  return invalid(`Contact can't be enrolled: ${reason}. ${message}`, {
    errors: [{ message, code: reason }],
  });
}
