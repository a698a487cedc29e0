import type { z } from 'zod';
import { erasureView, personView, rotationView } from '../../src/seats/views.ts';
import { answer, json, problemAnswers } from '../server/openapi-parts.ts';
import { eraseBody, exportBody, rotateBody } from './requests.ts';

/** The routes of people's data and of keys in the OpenAPI document, by path. */
export const peopleOpenApi = {
  '/api/people/export': route('exportPerson', 'All that is known of a person. Scope admin.', exportBody, {
    200: answer('What is known; empty lists: nothing is.', personView),
  }),
  '/api/people/erase': route('erasePerson', 'Remove a person from the store. Scope admin.', eraseBody, {
    200: answer('What was known, and how many rows were changed.', erasureView),
  }),
  '/api/keys/rotate': route(
    'rotateKeys',
    'Seal all codes with the newest secret key. Scope admin.',
    rotateBody,
    { 200: answer('How many codes that were.', rotationView) },
  ),
};

function route(operationId: string, summary: string, body: z.ZodType, answers: object): object {
  return {
    post: {
      operationId,
      summary,
      security: [{ partnerKey: [] }],
      requestBody: { required: true, content: json(body, 'input') },
      responses: { ...answers, ...problemAnswers(400, 401, 403, 413, 415, 429, 503) },
    },
  };
}
