import type { Call } from '../call.ts';

/** One request to the platform, as the rest of the client describes it. */
export interface TiCall extends Call {
  readonly method: 'GET' | 'POST';
  /** Below `/incoming/v2`, starts with `/`, already percent-encoded; may have a query. */
  readonly target: string;
  readonly body?: object;
}

/** What came back, read as far as it goes. */
export interface Answer {
  readonly status: number;
  /** Undefined when the body is empty or not JSON. */
  readonly json: unknown;
  readonly isHtml: boolean;
}

/** How every message begins. The path goes without its query, which may hold a search or a cursor. */
export function beginningOf({ name, method, target }: TiCall): string {
  return `Thought Industries: ${name}: ${method} ${target.split('?', 1)[0]}`;
}

/** One path segment or query value. A dot segment would climb to another path even when percent-encoded. */
export function encodeSegment(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new RangeError(`"${id}" is not a group id`);
  return encodeURIComponent(id);
}
