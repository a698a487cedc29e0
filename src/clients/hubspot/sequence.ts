import { z } from 'zod';
import type { HubSpotMailTool } from '../../domain/catalog.ts';
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
});

type Enrollment = z.infer<typeof enrollmentSchema>;

/**
 * Enrols the contact. A contact is in one sequence at a time and HubSpot has no key against a second enrolment,
 * so the current one is looked at first. What the sequence merges (the redeem link) must be on the contact before.
 */
export async function enrolInSequence(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: SequenceTool },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const { contactId } = message;
  const current = await currentEnrollment(connection, contactId, signal);
  if (current?.sequenceId === tool.sequenceId) return { state: 'accepted', reference: current.id };
  if (current) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `HubSpot: enrol contact ${contactId}: it is in sequence ${current.sequenceId}${current.sequenceName ? ` "${current.sequenceName}"` : ''}, and a contact can be in one at a time. Unenrol it there or wait for the end, then retry the run.`,
    });
  }
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
    async () => findEnrollment(connection, { message, tool }, signal),
  );
}

/** The enrolment in this sequence, or null. */
export async function findEnrollment(
  connection: Connection,
  { message, tool }: { readonly message: MessageRef; readonly tool: SequenceTool },
  signal?: AbortSignal,
): Promise<SentMessage | null> {
  const current = await currentEnrollment(connection, message.contactId, signal);
  return current?.sequenceId === tool.sequenceId ? { state: 'accepted', reference: current.id } : null;
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
