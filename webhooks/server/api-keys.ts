import type { FastifyRequest } from 'fastify';
import type { ApiScope, ManualApiKey } from '../../src/config/config.ts';
import { WebhookProblem } from './problems.ts';
import type { RefuseForged } from './rate-limits.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the partner whose key came with the request; empty before it was checked. */
    partner: string;
  }
}

/** Of the command on this machine, which says who asks. No name of a partner has a capital. */
export const LOCAL_PARTNER = 'Dealseat';

/** An `onRequest` hook: refuses who has no key, or one that does not open this. */
export type RequireKey = (request: FastifyRequest) => Promise<void>;

export function createKeyCheck(keys: readonly ManualApiKey[], refuseForged: RefuseForged) {
  return (scope: ApiScope): RequireKey =>
    async (request) => {
      const found = findKey(request.headers.authorization, keys);
      if (found === null) return refuseForged(request, new WebhookProblem('webhook.unauthorized'));
      if (!found.scopes.includes(scope)) {
        throw new WebhookProblem('webhook.forbidden', { detail: `This key lacks the scope ${scope}.` });
      }
      request.partner = found.partner;
    };
}

/** Compares with every key, so that the time taken does not tell how many there are before the right one. */
function findKey(authorization: string | undefined, keys: readonly ManualApiKey[]): ManualApiKey | null {
  const presented = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (presented === undefined) return null;
  const matching = keys.filter(({ key }) => key.matches(presented));
  return matching[0] ?? null;
}
