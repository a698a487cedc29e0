import type { FastifyInstance } from 'fastify';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import type { SourceDeps } from './limits.ts';

/** Where the events of one CRM come in. Its folder makes one from the settings of the CRM. */
export interface WebhookSource {
  readonly crm: CrmName;
  /** Its part of the OpenAPI document, by path. */
  readonly openApi: Readonly<Record<string, object>>;
  register(scope: FastifyInstance, deps: SourceDeps): void;
}
