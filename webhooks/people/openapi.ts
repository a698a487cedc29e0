import type { z } from 'zod';
import { erasureView, personView, rotationView } from '../../src/seats/views.ts';
import { IDEMPOTENCY_KEY } from '../server/idempotency-key.ts';
import { answer, json, problemAnswers } from '../server/openapi-parts.ts';
import { eraseBody, exportBody, rotateBody } from './requests.ts';

/** The routes of people's data and of keys in the OpenAPI document, by path. */
export const peopleOpenApi = {
  '/api/people/export': route({
    operationId: 'exportPerson',
    summary: 'All that is known of a person. Scope admin.',
    requestBody: bodyOf(exportBody),
    responses: {
      200: answer('What is known; empty lists: nothing is.', personView),
      ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
    },
  }),
  '/api/people/erase': route({
    operationId: 'erasePerson',
    summary:
      'Remove a person from the store, one step a call. Send the same request until it answers 200. What is known of the person, take before. Scope admin.',
    parameters: [IDEMPOTENCY_KEY],
    requestBody: bodyOf(eraseBody),
    responses: byParts(erasureView),
  }),
  '/api/keys/rotate': route({
    operationId: 'rotateKeys',
    summary:
      'Seal codes with the newest secret key, some with each call. Send the same request until it answers 200. Scope admin.',
    parameters: [IDEMPOTENCY_KEY],
    requestBody: bodyOf(rotateBody),
    responses: byParts(rotationView),
  }),
};

function route(post: object): object {
  return { post: { security: [{ partnerKey: [] }], ...post } };
}

function bodyOf(body: z.ZodType): object {
  return { required: true, content: json(body, 'input') };
}

function byParts(view: z.ZodType): object {
  return {
    200: answer('It is over.', view),
    202: answer('How far it is. Send the same request again.', view),
    ...problemAnswers(400, 401, 403, 413, 415, 422, 429, 503),
  };
}
