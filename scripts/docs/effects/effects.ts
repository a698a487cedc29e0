import { HUBSPOT_CALLS } from './hubspot.ts';
import type { RemoteCall, RemoteSystem } from './remote-call.ts';
import { SALESFORCE_CALLS } from './salesforce.ts';
import { THOUGHT_INDUSTRIES_CALLS } from './thought-industries.ts';

/**
 * The one table of every call that Dealseat makes to another system, and of the answer to "it may have happened".
 * `docs/remote-writes.md` prints it, the fault tests are generated from it, and one of them proves that no run makes a
 * call that is missing here.
 */
export const REMOTE_CALLS: readonly RemoteCall[] = [
  ...THOUGHT_INDUSTRIES_CALLS,
  ...HUBSPOT_CALLS,
  ...SALESFORCE_CALLS,
];

/** The row of a request, or undefined when the table does not know it. */
export function remoteCallOf(request: {
  readonly system: RemoteSystem;
  readonly method: string;
  readonly path: string;
}): RemoteCall | undefined {
  return REMOTE_CALLS.find(
    ({ system, method, path }) =>
      system === request.system && method === request.method && pathPattern(path).test(request.path),
  );
}

/** Matches the paths that a `path` of the table stands for. */
export function pathPattern(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part, index) => (index % 2 === 1 ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`);
}
