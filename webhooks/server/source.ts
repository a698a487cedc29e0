import type { FastifyInstance } from 'fastify';
import type { SourceDeps } from './limits.ts';

/** Where the events of one CRM or platform come in. Its folder makes one from the settings of that system. */
export interface WebhookSource {
  /** Its part of the OpenAPI document, by path. */
  readonly openApi: Readonly<Record<string, object>>;
  register(scope: FastifyInstance, deps: SourceDeps): void;
}
