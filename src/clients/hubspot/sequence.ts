import { z } from 'zod';
import type { HubSpotMailTool } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { MessageRef, SentMessage } from '../crm.ts';
import type { Connection } from './connection.ts';
import { withReadBack } from './read-back.ts';

type SequenceTool = Extract<HubSpotMailTool, { via: 'sequence' }>;

const enrolledSchema = z.object({ id: z.coerce.string().min(1) });

const enrollmentSchema = z.object({
  id: z.coerce.string().min(1),
  sequenceId: z.coerce.string(),
  sequenceName: z.string().nullish(),
  enrolledAt: z.coerce.date().nullish(),
});

type Enrollment = z.infer<typeof enrollmentSchema>;

/**
 * Enrols the contact. A contact is in one sequence at a time and HubSpot has no key against a second enrolment,
 * so the current one is looked at first: it may be ours, of another deal, or made by a salesperson. What the sequence
 * merges (the redeem link) must be on the contact before.
 */
export async function enrolInSequence(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: SequenceTool },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const { contactId } = message;
  const current = await currentEnrollment(connection, contactId, signal);
  if (current && isOurs(current, message, tool)) return { state: 'accepted', reference: current.id };
  if (current) throw isTaken(contactId, current, tool);
  return withReadBack(
    async () => {
      const { id } = await connection.request(
        {
          name: `enrol contact ${contactId} in sequence ${tool.sequenceId}`,
          effect: 'create',
          whenRefused: 'crm.mail_rejected',
          answer: enrolledSchema,
          signal,
        },
        {
          method: 'POST',
          path: '/automation/v4/sequences/enrollments',
          query: { userId: tool.userId },
          body: { sequenceId: tool.sequenceId, contactId, senderEmail: tool.senderEmail },
        },
      );
      return { state: 'accepted', reference: id };
    },
    // Nobody was in a sequence a moment ago, so who is in this one now is there by the lost call.
    async () => findEnrollment(connection, { message: { ...message, mayBeOutSince: 0 }, tool }, signal),
  );
}

/** HubSpot's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

function isOurs(
  { sequenceId, enrolledAt }: Enrollment,
  { mayBeOutSince }: MessageRef,
  tool: SequenceTool,
): boolean {
  if (sequenceId !== tool.sequenceId || mayBeOutSince === null) return false;
  return !enrolledAt || enrolledAt.getTime() >= mayBeOutSince - CLOCK_SKEW_MS;
}

function isTaken(
  contactId: string,
  { sequenceId, sequenceName, enrolledAt }: Enrollment,
  tool: SequenceTool,
): DealseatError {
  const since = enrolledAt ? ` since ${enrolledAt.toISOString()}` : '';
  const name = sequenceName ? ` "${sequenceName}"` : '';
  const cure =
    sequenceId === tool.sequenceId
      ? 'Another deal, a salesperson or an earlier run of this deal enrolled it. If this was for this deal, retry the run with `--mail-was-sent`; else unenrol the contact or wait for the end, then retry the run.'
      : 'A contact can be in one at a time. Unenrol it there or wait for the end, then retry the run.';
  return new DealseatError({
    code: 'crm.mail_rejected',
    message: `HubSpot: enrol contact ${contactId}: it is already in sequence ${sequenceId}${name}${since}. ${cure}`,
  });
}

/** The enrolment in this sequence that is of this message, or null. */
export async function findEnrollment(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: SequenceTool },
  signal?: AbortSignal,
): Promise<SentMessage | null> {
  const current = await currentEnrollment(connection, message.contactId, signal);
  return current && isOurs(current, message, tool) ? { state: 'accepted', reference: current.id } : null;
}

async function currentEnrollment(
  connection: Connection,
  contactId: string,
  signal?: AbortSignal,
): Promise<Enrollment | null> {
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
