import { HubSpotRefusal } from './answers.ts';
import type { ScopeRule } from './endpoint.ts';

export interface TokenGrant {
  readonly token: string;
  readonly kind?: 'private-app' | 'project-app' | 'service-key' | 'oauth';
  /** Default: everything the stand-in knows. */
  readonly scopes?: readonly string[];
  /** Tokens of another portal see nothing of this one. */
  readonly portalId?: number;
  /** The app that it is a token of. Default: the portal's one app. */
  readonly appId?: number;
  /** Epoch milliseconds after which the token is dead. */
  readonly expiresAt?: number;
}

export const ALL_SCOPES: readonly string[] = [
  'oauth',
  'automation.sequences.enrollments.write',
  'automation.sequences.read',
  'crm.lists.read',
  'crm.lists.write',
  ...['companies', 'contacts', 'deals', 'line_items', 'products'].flatMap((object) => [
    `crm.objects.${object}.read`,
    `crm.objects.${object}.write`,
    `crm.schemas.${object}.read`,
    `crm.schemas.${object}.write`,
  ]),
  'crm.objects.owners.read',
  'e-commerce',
  'files',
  'marketing-email',
  'sales-email-read',
  'transactional-email',
];

const UNAUTHENTICATED =
  'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview';

export class Tokens {
  readonly #grants = new Map<string, TokenGrant>();
  readonly #now: () => number;

  constructor(grants: readonly TokenGrant[], now: () => number) {
    for (const grant of grants) this.#grants.set(grant.token, grant);
    this.#now = now;
  }

  revoke(token: string): void {
    this.#grants.delete(token);
  }

  find(token: string): TokenGrant | undefined {
    const grant = this.#grants.get(token);
    return grant?.expiresAt !== undefined && grant.expiresAt <= this.#now() ? undefined : grant;
  }

  /** Finds the token of a request; `hapikey` stopped working years ago and is refused like no token at all. */
  authenticate(authorization: string | undefined, query: URLSearchParams): TokenGrant {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const grant = token === undefined || query.has('hapikey') ? undefined : this.find(token);
    if (!grant) {
      throw new HubSpotRefusal(401, UNAUTHENTICATED, { category: 'INVALID_AUTHENTICATION' });
    }
    return grant;
  }
}

export function requireScopes(grant: TokenGrant, rule: ScopeRule): void {
  const granted = new Set(grant.scopes ?? ALL_SCOPES);
  for (const anyOf of rule) {
    if (anyOf.some((scope) => granted.has(scope))) continue;
    throw new HubSpotRefusal(
      403,
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
      {
        category: 'MISSING_SCOPES',
        errors: [
          {
            message: 'One or more of the following scopes are required.',
            context: { requiredGranularScopes: anyOf },
          },
        ],
      },
    );
  }
}
