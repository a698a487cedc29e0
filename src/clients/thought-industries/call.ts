import type { FailureCode } from '../../domain/failure.ts';
import type { Call } from '../call.ts';

/** One request to the platform, as the rest of the client describes it. */
export interface TiCall extends Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/incoming/v2`, starts with `/`, already percent-encoded; may have a query. */
  readonly target: string;
  /** Instead of the target in messages, where it names a person. */
  readonly shownTarget?: string;
  readonly body?: object;
  /** What it means that a success carries errors. Default: the same as a refusal. */
  readonly whenPartial?: FailureCode;
}

/** What came back, read as far as it goes. */
export interface Answer {
  readonly status: number;
  /** Undefined when the body is empty or not JSON. */
  readonly json: unknown;
  readonly isHtml: boolean;
}

/** How every message begins. The path goes without its query, which may hold a search or a cursor. */
export function beginningOf({ name, method, target, shownTarget = target }: TiCall): string {
  return `Thought Industries: ${name}: ${method} ${shownTarget.split('?', 1)[0]}`;
}

/** One path segment or query value. A dot segment would climb to another path even when percent-encoded. */
export function encodeSegment(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new RangeError(`"${id}" is not an id`);
  return encodeURIComponent(id);
}
