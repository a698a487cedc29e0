import { z } from 'zod';
import { acceptedBody, manualBody, previewBody, problemBody, provisioningBody } from './schemas.ts';

/** The OpenAPI 3.1 description of the HTTP interface, printed from the schemas that check it. */
export function createOpenApi(publicUrl: string | null): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dealseat',
      version: '1',
      description: 'Provision learning seats for won deals, by hand or from a CRM.',
    },
    ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
    paths: {
      '/webhooks/manual': {
        post: {
          operationId: 'provisionDeal',
          summary: 'Provision one deal, or with dryRun say what would be done. Safe to repeat.',
          security: [{ partnerKey: [] }],
          requestBody: { required: true, content: json(manualBody, 'input') },
          responses: {
            200: answer('The plan of a dry run.', previewBody),
            202: answer('Temporal has taken the provisioning.', acceptedBody),
            ...problems(400, 401, 404, 409, 413, 415, 422, 429, 502, 503),
          },
        },
      },
      '/provisionings/{id}': {
        get: {
          operationId: 'describeProvisioning',
          summary: 'How far a provisioning is.',
          security: [{ partnerKey: [] }],
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: answer('The provisioning.', provisioningBody), ...problems(401, 404, 429, 503) },
        },
      },
      '/webhooks/hubspot': {
        post: {
          operationId: 'hubspotEvents',
          summary: 'Webhook events of the HubSpot app, signed with its client secret (v3).',
          requestBody: { required: true, content: { 'application/json': { schema: { type: 'array' } } } },
          responses: {
            200: { description: 'Every run that was called for is accepted.' },
            ...problems(400, 401, 413, 415, 429, 503),
          },
        },
      },
      '/webhooks/salesforce/{secret}': {
        post: {
          operationId: 'salesforceOutboundMessage',
          summary: 'Outbound message of a Salesforce org about opportunities.',
          parameters: [{ name: 'secret', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: { required: true, content: { 'text/xml': { schema: { type: 'string' } } } },
          responses: {
            200: { description: 'The Ack: every run that was called for is accepted.' },
            ...problems(400, 401, 403, 413, 415, 429, 503),
          },
        },
      },
      '/healthz': operation('health', 'The process lives.'),
      '/readyz': operation('readiness', 'Temporal takes work.', problems(503)),
      '/metrics': operation('metrics', 'Prometheus metrics.'),
    },
    components: { securitySchemes: { partnerKey: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation(operationId: string, summary: string, responses: object = {}): object {
  return { get: { operationId, summary, responses: { 200: { description: summary }, ...responses } } };
}

function answer(description: string, schema: z.ZodType): object {
  return { description, content: json(schema, 'output') };
}

function problems(...statuses: readonly number[]): object {
  const { $schema, ...schema } = z.toJSONSchema(problemBody);
  const problem = { description: 'A problem.', content: { 'application/problem+json': { schema } } };
  return Object.fromEntries(statuses.map((status) => [status, problem]));
}

function json(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema, ...body } = z.toJSONSchema(schema, { io });
  return { 'application/json': { schema: body } };
}
