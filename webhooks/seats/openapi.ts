import { z } from 'zod';
import { findingsView, foundView, seatHistoryView, seatPageView } from '../../src/seats/views.ts';
import { answer, json, problemAnswers } from '../server/openapi-parts.ts';
import { findBody, findingsQuery, listQuery } from './requests.ts';

const security = [{ partnerKey: [] }];

/** The routes of seats in the OpenAPI document, by path. */
export const seatsOpenApi = {
  '/api/seats': {
    get: {
      operationId: 'listSeats',
      summary: 'The seats of a deal with their counts, page by page. Scope seats.',
      security,
      parameters: queryOf(listQuery),
      responses: {
        200: answer('The deal and a page of its seats.', seatPageView),
        ...problemAnswers(400, 401, 403, 404, 422, 429, 503),
      },
    },
  },
  '/api/seats/find': {
    post: {
      operationId: 'findSeats',
      summary: 'Seats by an address or a code; deals by a label or a company. Scope seats.',
      security,
      requestBody: { required: true, content: json(findBody, 'input') },
      responses: {
        200: answer('What was found.', foundView),
        ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
      },
    },
  },
  '/api/seats/findings': {
    get: {
      operationId: 'listFindings',
      summary: 'Open differences between deals, platform and store, newest first. Scope seats.',
      security,
      parameters: queryOf(findingsQuery),
      responses: {
        200: answer('A page of findings.', findingsView),
        ...problemAnswers(400, 401, 403, 422, 429, 503),
      },
    },
  },
  '/api/seats/{id}': {
    get: {
      operationId: 'describeSeat',
      summary: 'One seat with its history. Scope seats.',
      security,
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'The id of the seat, or a beginning of at least 4 characters that only one seat has.',
          schema: { type: 'string' },
        },
      ],
      responses: {
        200: answer('The seat.', seatHistoryView),
        ...problemAnswers(401, 403, 404, 409, 429, 503),
      },
    },
  },
};

/** One parameter for each key of the schema, as callers write it. */
function queryOf(schema: z.ZodType): readonly object[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties as Readonly<Record<string, { readonly description?: string }>>).map(
    ([name, { description, ...type }]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: type,
    }),
  );
}
