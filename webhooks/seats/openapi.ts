import { z } from 'zod';
import { askBody } from '../../src/seats/ask-body.ts';
import { MAX_ASKS } from '../../src/seats/desk.ts';
import {
  findingsView,
  foundView,
  linkView,
  operationPageView,
  operationsView,
  operationView,
  seatHistoryView,
  seatPageView,
} from '../../src/seats/views.ts';
import { IDEMPOTENCY_KEY } from '../server/idempotency-key.ts';
import { answer, json, problemAnswers } from '../server/openapi-parts.ts';
import {
  batchBody,
  closeBody,
  exportBody,
  exportQuery,
  findBody,
  findingsQuery,
  lateBody,
  linkBody,
  listQuery,
  operationsQuery,
} from './requests.ts';

const security = [{ partnerKey: [] }];

const CSV = {
  description:
    'A row for each seat, with how many seats and codes it has in the headers x-seat-count and x-code-count.',
  content: { 'text/csv': { schema: { type: 'string' } } },
};

const SEAT_ID = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the seat, or a beginning of at least 4 characters that only one seat has.',
  schema: { type: 'string' },
};

const OPERATION_ID = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

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
  '/api/seats/findings/close': {
    post: {
      operationId: 'closeFindings',
      summary:
        'A person has looked at what a rebuild of the seats of a deal could not tell; the other findings stay open until they are put right. Scope seats.',
      security,
      parameters: [IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(closeBody, 'input') },
      responses: {
        200: answer('The findings of the deal that are still open.', findingsView),
        ...problemAnswers(400, 401, 403, 413, 415, 422, 429, 503),
      },
    },
  },
  '/api/seats/export': {
    get: {
      operationId: 'exportSeats',
      summary: 'The seats of a deal as CSV, without codes. Scope seats.',
      security,
      parameters: queryOf(exportQuery),
      responses: { 200: CSV, ...problemAnswers(400, 401, 403, 404, 422, 429, 503) },
    },
    post: {
      operationId: 'exportSeatsWithCodes',
      summary:
        'The same with the codes that can still be used. It is noted who asked and why, and those seats count as handed out. A repeat has the seats of the first call. Scope codes.',
      security,
      parameters: [IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(exportBody, 'input') },
      responses: { 200: CSV, ...problemAnswers(400, 401, 403, 404, 413, 415, 422, 429, 503) },
    },
  },
  '/api/seat-operations': {
    get: {
      operationId: 'listOperations',
      summary: 'Changes of seats that have not ended, oldest first. Scope seats.',
      security,
      parameters: queryOf(operationsQuery),
      responses: {
        200: answer('A page of operations.', operationPageView),
        ...problemAnswers(400, 401, 403, 422, 429, 503),
      },
    },
    post: {
      operationId: 'changeSeat',
      summary:
        'Ask for a change of a seat. Dealseat does it and says at the status address what came of it. Scope seats.',
      security,
      parameters: [IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(askBody, 'input') },
      responses: {
        202: answer('It is on record.', operationView),
        ...problemAnswers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
      },
    },
  },
  '/api/seat-operations/batch': {
    post: {
      operationId: 'changeSeats',
      summary: `Ask for up to ${MAX_ASKS} changes of seats, all or none: "errors" names each that cannot be. Each is an operation of its own. Scope seats.`,
      security,
      parameters: [IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(batchBody, 'input') },
      responses: {
        202: answer('They are on record, in the same order.', operationsView),
        ...problemAnswers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
      },
    },
  },
  '/api/seat-operations/{id}': {
    get: {
      operationId: 'describeOperation',
      summary: 'What became of a change of a seat. Scope seats.',
      security,
      parameters: [OPERATION_ID],
      responses: { 200: answer('The operation.', operationView), ...problemAnswers(401, 403, 404, 429, 503) },
    },
  },
  '/api/seat-operations/{id}/retry': {
    post: {
      operationId: 'retryOperation',
      summary:
        'What the operation waits for was mended: try again at once. May be repeated without a key. Scope seats.',
      security,
      parameters: [OPERATION_ID],
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      responses: {
        202: answer('The operation.', operationView),
        ...problemAnswers(401, 403, 404, 413, 415, 429, 503),
      },
    },
  },
  '/api/seats/{id}/link': {
    post: {
      operationId: 'showLink',
      summary:
        'The redeem link of a seat whose code can still be used. It is noted who asked and why, and the seat counts as handed out. Scope codes.',
      security,
      parameters: [SEAT_ID, IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(linkBody, 'input') },
      responses: {
        200: answer('The link.', linkView),
        ...problemAnswers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
      },
    },
  },
  '/api/seats/{id}/late-redemption': {
    post: {
      operationId: 'settleLateRedemption',
      summary:
        'What becomes of access by a code that was taken back and redeemed all the same, or by a seat that ended in use: keep it, end it, or count a sold seat. The same decision again changes nothing. Scope seats.',
      security,
      parameters: [SEAT_ID, IDEMPOTENCY_KEY],
      requestBody: { required: true, content: json(lateBody, 'input') },
      responses: {
        200: answer('The seat.', seatHistoryView),
        ...problemAnswers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
      },
    },
  },
  '/api/seats/{id}': {
    get: {
      operationId: 'describeSeat',
      summary: 'One seat with its history. Scope seats.',
      security,
      parameters: [SEAT_ID],
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
