import type { Config } from '../../src/config/config.ts';
import { peopleOpenApi } from '../people/openapi.ts';
import { seatsOpenApi } from '../seats/openapi.ts';
import { answer, json, problemAnswers } from './openapi-parts.ts';
import { acceptedBody, manualBody, previewBody, provisioningBody } from './schemas.ts';
import type { WebhookSource } from './source.ts';

interface OpenApiOptions {
  readonly config: Pick<Config, 'webhook' | 'knownCrms'>;
  readonly sources: readonly Pick<WebhookSource, 'openApi'>[];
}

/** The OpenAPI 3.1 description of this very server, printed from the schemas that check it. */
export function createOpenApi({ config, sources }: OpenApiOptions): object {
  const { publicUrl } = config.webhook;
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
          requestBody: { required: true, content: json(manualBody(config.knownCrms), 'input') },
          responses: {
            200: answer('The plan of a dry run.', previewBody),
            202: answer('Temporal has taken the provisioning.', acceptedBody),
            ...problemAnswers(400, 401, 404, 409, 413, 415, 422, 429, 502, 503),
          },
        },
      },
      '/provisionings/{id}': {
        get: {
          operationId: 'describeProvisioning',
          summary: 'How far a provisioning is.',
          security: [{ partnerKey: [] }],
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {
            200: answer('The provisioning.', provisioningBody),
            ...problemAnswers(401, 404, 429, 503),
          },
        },
      },
      ...seatsOpenApi,
      ...peopleOpenApi,
      ...Object.assign({}, ...sources.map((source) => source.openApi)),
      '/healthz': operation('health', 'The process lives.'),
      '/readyz': operation('readiness', 'Temporal takes work.', problemAnswers(503)),
      '/metrics': operation('metrics', 'Prometheus metrics.'),
    },
    components: { securitySchemes: { partnerKey: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation(operationId: string, summary: string, responses: object = {}): object {
  return { get: { operationId, summary, responses: { 200: { description: summary }, ...responses } } };
}
