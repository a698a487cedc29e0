import type { Endpoint } from './endpoint.ts';
import { associationBatchEndpoints } from './endpoints/association-batches.ts';
import { associationEndpoints } from './endpoints/associations.ts';
import { fileEndpoints } from './endpoints/files.ts';
import { listEndpoints } from './endpoints/lists.ts';
import { objectBatchEndpoints } from './endpoints/object-batches.ts';
import { objectEndpoints } from './endpoints/objects.ts';
import { portalEndpoints } from './endpoints/portal.ts';
import { propertyEndpoints } from './endpoints/properties.ts';
import { searchEndpoints } from './endpoints/search.ts';
import { sequenceEndpoints } from './endpoints/sequences.ts';
import { singleSendEndpoints } from './endpoints/single-sends.ts';

interface Route {
  readonly endpoint: Endpoint;
  readonly segments: readonly string[];
  /** How many segments match anything: the fewer, the better the match. */
  readonly openSegments: number;
}

export interface Match {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

const ROUTES: readonly Route[] = [
  ...objectEndpoints,
  ...objectBatchEndpoints,
  ...searchEndpoints,
  ...associationEndpoints,
  ...associationBatchEndpoints,
  ...propertyEndpoints,
  ...portalEndpoints,
  ...fileEndpoints,
  ...listEndpoints,
  ...singleSendEndpoints,
  ...sequenceEndpoints,
]
  .map((endpoint) => {
    const segments = endpoint.path.split('/');
    return { endpoint, segments, openSegments: segments.filter(isOpen).length };
  })
  .sort((left, right) => left.openSegments - right.openSegments);

/** The published client asks for the owners with a slash at the end. */
const SLASH_ALLOWED = '/crm/v3/owners/';

/** The endpoint for a path that is still percent-encoded; `wrong_method` where only another method has one. */
export function route(method: string, pathname: string): Match | 'not_found' | 'wrong_method' {
  const path = pathname === SLASH_ALLOWED ? pathname.slice(0, -1) : pathname;
  const segments = path.split('/');
  // `//crm/…` is what a base path with a slash at its end makes.
  if (segments.slice(1).includes('')) return 'not_found';
  const fitting = ROUTES.filter((candidate) => fits(candidate, segments));
  const found = fitting.find(({ endpoint }) => endpoint.method === method);
  if (found) return { endpoint: found.endpoint, params: paramsOf(found, segments) };
  return fitting.length > 0 ? 'wrong_method' : 'not_found';
}

function fits(candidate: Route, segments: readonly string[]): boolean {
  return (
    candidate.segments.length === segments.length &&
    candidate.segments.every((segment, index) => isOpen(segment) || segment === segments[index])
  );
}

function paramsOf(found: Route, segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, segment] of found.segments.entries()) {
    if (isOpen(segment)) params[segment.slice(1)] = decodeURIComponent(segments[index] ?? '');
  }
  return params;
}

function isOpen(segment: string): boolean {
  return segment.startsWith(':');
}
