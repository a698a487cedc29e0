import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { Connection } from './connection.ts';

/** Which portal the token opens, and where its pages are. */
export interface Portal {
  readonly id: string;
  /** Read. Throws `crm.unauthorized` when the token belongs to another portal. */
  verify(signal?: AbortSignal): Promise<void>;
  dealUrl(dealId: string): string;
  fileUrl(fileId: string): string;
}

const DEFAULT_UI_DOMAIN = 'app.hubspot.com';

const detailsSchema = z.object({ portalId: z.coerce.string(), uiDomain: z.string().nullish() });

export function createPortal(
  connection: Connection,
  options: { readonly portalId: string; readonly uiDomain?: string | undefined },
): Portal {
  const { portalId } = options;
  // Portals in Europe have another host; `verify` learns it on the way, and HubSpot redirects from the default one.
  let uiDomain = options.uiDomain ?? DEFAULT_UI_DOMAIN;
  return {
    id: portalId,
    async verify(signal) {
      const details = await connection.request(
        { name: 'read account details', effect: 'read', answer: detailsSchema, signal },
        { method: 'GET', path: '/account-info/v3/details' },
      );
      if (details.portalId !== portalId) {
        throw new DealseatError({
          code: 'crm.unauthorized',
          message: `HubSpot: the token belongs to portal ${details.portalId}, but HUBSPOT_PORTAL_ID is ${portalId}.`,
        });
      }
      uiDomain = options.uiDomain ?? details.uiDomain ?? uiDomain;
    },
    dealUrl: (dealId) => `https://${uiDomain}/contacts/${portalId}/record/0-3/${dealId}`,
    fileUrl: (fileId) => `https://${uiDomain}/files/${portalId}/?showDetails=${fileId}`,
  };
}
