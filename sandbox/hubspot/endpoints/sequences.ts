import { invalid, json, notFound } from '../answers.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import { asString, optional, readJsonObject, requireFields } from '../request-body.ts';
import type { Sequence } from '../sequences.ts';

export const sequenceEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/automation/v4/sequences',
    scopes: [['automation.sequences.read']],
    minimumTier: 'professional',
    answer: (call) => {
      const userId = userIdOf(call);
      const mine = call.state.sequences.list().filter((sequence) => sequence.userId === userId);
      return json(200, { total: mine.length, results: mine.map(viewSequence) });
    },
  },
  {
    method: 'GET',
    path: '/automation/v4/sequences/:id',
    scopes: [['automation.sequences.read']],
    minimumTier: 'professional',
    answer: (call) => {
      userIdOf(call);
      return json(200, viewSequence(call.state.sequences.get(param(call, 'id'))));
    },
  },
  {
    method: 'POST',
    path: '/automation/v4/sequences/enrollments',
    scopes: [['automation.sequences.enrollments.write']],
    minimumTier: 'professional',
    answer: enroll,
  },
  {
    method: 'GET',
    path: '/automation/v4/sequences/enrollments/contact/:contactId',
    scopes: [['automation.sequences.read']],
    minimumTier: 'professional',
    answer: readEnrollment,
  },
];

function userIdOf({ url }: Call): string {
  const userId = url.searchParams.get('userId');
  if (!userId) throw invalid('The query parameter userId is required');
  return userId;
}

function enroll(call: Call) {
  const { state } = call;
  const userId = userIdOf(call);
  const body = readJsonObject(call.request);
  requireFields(body, ['sequenceId', 'contactId', 'senderEmail'], 'PublicSequenceEnrollmentRequest');
  optional(body.senderAliasAddress, 'senderAliasAddress', asString);
  const made = state.sequences.enroll({
    userId,
    sequenceId: asString(body.sequenceId, 'sequenceId'),
    senderEmail: asString(body.senderEmail, 'senderEmail'),
    contact: state.records.getLive('contacts', asString(body.contactId, 'contactId')),
    owners: state.owners,
  });
  const at = new Date(made.enrolledAt).toISOString();
  return json(200, { id: made.id, toEmail: made.toEmail, enrolledAt: at, updatedAt: at });
}

function readEnrollment(call: Call) {
  const contact = call.state.records.getLive('contacts', param(call, 'contactId'));
  const enrollment = call.state.sequences.enrollmentOf(contact.id);
  if (!enrollment) throw notFound();
  const at = new Date(enrollment.enrolledAt).toISOString();
  return json(200, {
    id: enrollment.id,
    toEmail: enrollment.toEmail,
    enrolledAt: at,
    updatedAt: at,
    sequenceId: enrollment.sequence.id,
    sequenceName: enrollment.sequence.name,
    enrolledBy: enrollment.userId,
    enrolledByEmail: enrollment.senderEmail,
  });
}

function viewSequence({ id, name, userId, createdAt }: Sequence): object {
  const at = new Date(createdAt).toISOString();
  return { id, name, userId, createdAt: at, updatedAt: at, steps: [], dependencies: [] };
}
