import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import type { MailSender, SendHistory } from '../crm.ts';
import type { Connection } from './connection.ts';
import { withReadBack } from './read-back.ts';
import { mayBeOfEarlierAttempt, outcomeOf, rejected } from './send-outcome.ts';

interface SequenceSettings {
  readonly sequenceId: string;
  readonly userId: string;
  readonly senderEmail: string;
}

/**
 * Sequences. A contact is in one at a time and HubSpot has no key against a second enrolment, so the current one is
 * looked at first: it may be ours, of another deal, or made by a salesperson. What the sequence merges (the redeem link)
 * must be on the contact before.
 */
export function createSequence(connection: Connection, settings: SequenceSettings): MailSender {
  return {
    deliver: (message, history, signal) =>
      outcomeOf(message, history, () =>
        enrol({ connection, settings, contactId: message.contactId, history, signal }),
      ),
    isShown: async ({ contactId }) => {
      const current = await currentEnrollment({ connection, contactId, signal: undefined });
      return current?.sequenceId === settings.sequenceId;
    },
    // HubSpot has no call that takes a contact out.
    takeBack: async () => undefined,
  };
}

interface Enrolling {
  readonly connection: Connection;
  readonly settings: SequenceSettings;
  readonly contactId: string;
  readonly history: SendHistory;
  readonly signal: AbortSignal | undefined;
}

async function enrol(enrolling: Enrolling): Promise<MessageOutcome> {
  const { contactId, settings } = enrolling;
  const current = await lookForEarlier(enrolling);
  if (current === null) return enrolNow(enrolling);
  if (isOurs(enrolling, current)) return accepted(current);
  return rejected(describeTaken(contactId, current, settings));
}

/** What the contact is in. Nothing may mean "not yet", if an earlier attempt may have enrolled it. */
async function lookForEarlier(enrolling: Enrolling): Promise<Enrollment | null> {
  const { mayBeOutSince, lookUntil, lookIntervalMs } = enrolling.history;
  for (;;) {
    const current = await currentEnrollment(enrolling);
    const left = lookUntil - performance.now();
    if (current !== null || mayBeOutSince === null || left <= 0) return current;
    const { signal } = enrolling;
    await pause(Math.min(lookIntervalMs, left), undefined, signal ? { signal } : {});
  }
}

const enrolledSchema = z.object({ id: z.coerce.string().min(1) });

async function enrolNow(enrolling: Enrolling): Promise<MessageOutcome> {
  const { connection, contactId, settings, signal } = enrolling;
  const { sequenceId, userId, senderEmail } = settings;
  const made = await withReadBack(
    () =>
      connection.request(
        {
          name: `enrol contact ${contactId} in sequence ${sequenceId}`,
          effect: 'create',
          whenRefused: 'crm.mail_rejected',
          answer: enrolledSchema,
          signal,
        },
        {
          method: 'POST',
          path: '/automation/v4/sequences/enrollments',
          query: { userId },
          body: { sequenceId, contactId, senderEmail },
        },
      ),
    // The contact was in no sequence a moment ago, so if it is in this one now, it is there by the lost call.
    async () => {
      const current = await currentEnrollment(enrolling);
      return current?.sequenceId === sequenceId ? current : null;
    },
  );
  return accepted(made);
}

function accepted({ id }: { readonly id: string }): MessageOutcome {
  return { is: 'accepted', reference: id };
}

/** One without a date is taken for the one that is looked for. */
function isOurs({ settings, history }: Enrolling, { sequenceId, enrolledAt }: Enrollment): boolean {
  if (sequenceId !== settings.sequenceId || history.mayBeOutSince === null) return false;
  return !enrolledAt || mayBeOfEarlierAttempt(enrolledAt, history);
}

function describeTaken(
  contactId: string,
  { sequenceId, sequenceName, enrolledAt }: Enrollment,
  settings: SequenceSettings,
): string {
  const since = enrolledAt ? ` since ${enrolledAt.toISOString()}` : '';
  const name = sequenceName ? ` "${sequenceName}"` : '';
  const cure =
    sequenceId === settings.sequenceId
      ? 'Another deal, a salesperson or an earlier run of this deal enrolled it. If this was for this deal, retry the run with `--mail-was-sent`; else unenrol the contact or wait for the end, then retry the run.'
      : 'A contact can be in one at a time. Unenrol it there or wait for the end, then retry the run.';
  return `HubSpot: enrol contact ${contactId}: it is already in sequence ${sequenceId}${name}${since}. ${cure}`;
}

const enrollmentSchema = z.object({
  id: z.coerce.string().min(1),
  sequenceId: z.coerce.string(),
  sequenceName: z.string().nullish(),
  enrolledAt: z.coerce.date().nullish(),
});

type Enrollment = z.infer<typeof enrollmentSchema>;

async function currentEnrollment({
  connection,
  contactId,
  signal,
}: Pick<Enrolling, 'connection' | 'contactId' | 'signal'>): Promise<Enrollment | null> {
  try {
    return await connection.request(
      { name: `read enrolment of contact ${contactId}`, effect: 'read', answer: enrollmentSchema, signal },
      {
        method: 'GET',
        path: `/automation/v4/sequences/enrollments/contact/${encodeURIComponent(contactId)}`,
      },
    );
  } catch (error) {
    // HubSpot answers 404 for a contact that is in no sequence.
    if (error instanceof DealseatError && error.code === 'crm.not_found') return null;
    throw error;
  }
}
