import type { SandboxHandler } from './http.ts';
import type { HubSpotState } from './hubspot/state.ts';
import type { SalesforceState } from './salesforce/state.ts';

/** The path on the page of the sandbox that shows what a page of the CRM would show; undefined: no page for people. */
type PathOf = (url: URL) => string | undefined;

/** Texts of Dealseat link to the CRM's own pages: here they lead to the page of the sandbox. */
export function withPeoplePages(
  handler: SandboxHandler,
  pathOf: PathOf,
  pageUrl: () => string | undefined,
): SandboxHandler {
  return (request, parts) => {
    const path = request.method === 'GET' ? pathOf(request.url) : undefined;
    const page = pageUrl();
    if (path === undefined || page === undefined) return handler(request, parts);
    return { status: 302, headers: { location: page + path } };
  };
}

export function hubspotPages({ portalId }: HubSpotState): PathOf {
  return ({ pathname, searchParams }) => {
    const [, portal, dealId] = /^\/contacts\/(\d+)\/record\/0-3\/(\d+)\/?$/.exec(pathname) ?? [];
    if (dealId !== undefined && portal === String(portalId)) return `/deals/hubspot/${dealId}`;
    const fileId = searchParams.get('showDetails');
    const isFiles = new RegExp(`^/files/${portalId}/?$`).test(pathname);
    return isFiles && fileId ? `/files/hubspot/${encodeURIComponent(fileId)}` : undefined;
  };
}

export function salesforcePages(state: SalesforceState): PathOf {
  /** A file is a document with versions, of which people see the last. */
  const lastVersion = (documentId: string) =>
    state
      .rows('ContentVersion')
      .find(({ ContentDocumentId, IsLatest }) => ContentDocumentId === documentId && IsLatest === true);
  return ({ pathname }) => {
    const [, object, id] = /^\/lightning\/r\/(\w+)\/(\w+)\/view\/?$/.exec(pathname) ?? [];
    if (id === undefined) return undefined;
    if (object === 'Opportunity') return `/deals/salesforce/${id}`;
    const version = object === 'ContentDocument' ? lastVersion(id) : undefined;
    return version && `/files/salesforce/${version.Id}`;
  };
}
