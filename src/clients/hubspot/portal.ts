import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { KnownOnce } from '../known-once.ts';
import type { Connection } from './connection.ts';

/** Which portal the token opens, and where its pages are. */
export interface Portal {
  readonly id: string;
  /** Read. Throws `crm.account_mismatch` when the token belongs to another portal. */
  verify(signal?: AbortSignal): Promise<void>;
  /** As `verify`, but asks only until HubSpot has answered once: a token never changes its portal. */
  prove(signal?: AbortSignal): Promise<void>;
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
  // Portals in Europe have another host, which the proof tells on the way.
  let uiDomain = options.uiDomain ?? DEFAULT_UI_DOMAIN;

  const ownPortal = new KnownOnce(async (signal) => {
    const details = await connection.request(
      { name: 'read account details', effect: 'read', answer: detailsSchema, signal },
      { method: 'GET', path: '/account-info/v3/details' },
    );
    uiDomain = options.uiDomain ?? details.uiDomain ?? uiDomain;
    return details.portalId;
  });

  return {
    id: portalId,
    verify: async (signal) => compare(await ownPortal.lookAnew(signal), portalId),
    prove: async (signal) => compare(await ownPortal.get(signal), portalId),
    dealUrl: (dealId) => `${pagesAt(uiDomain)}/contacts/${portalId}/record/0-3/${dealId}`,
    fileUrl: (fileId) => `${pagesAt(uiDomain)}/files/${portalId}/?showDetails=${fileId}`,
  };
}

/** A stand-in on this machine has no certificate. */
function pagesAt(uiDomain: string): string {
  const isHere = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(uiDomain);
  return `${isHere ? 'http' : 'https'}://${uiDomain}`;
}

function compare(found: string, configured: string): void {
  if (found === configured) return;
  throw new DealseatError({
    code: 'crm.account_mismatch',
    message: `HubSpot: the token belongs to portal ${found}, but HUBSPOT_PORTAL_ID is ${configured}.`,
  });
}
