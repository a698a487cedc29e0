/** One request to the platform, as the rest of the client describes it. */
export interface Call {
  readonly method: 'GET' | 'POST';
  /** Below `/incoming/v2`, starts with `/`, already percent-encoded; may have a query. */
  readonly target: string;
  readonly body?: object;
  /**
   * - `read`: may be repeated at will.
   * - `create`: must not be repeated while its outcome is unknown.
   * - `listCodes`: a read whose answer holds codes, so nothing of it is ever quoted.
   */
  readonly kind: 'read' | 'create' | 'listCodes';
}

/** What came back, read as far as it goes. */
export interface Answer {
  readonly status: number;
  /** Undefined when the body is empty or not JSON. */
  readonly json: unknown;
  readonly isHtml: boolean;
}

/** For messages: without the query, which may hold a search or a cursor. */
export function nameOf({ method, target }: Call): string {
  return `${method} ${target.split('?', 1)[0]}`;
}

/** One path segment or query value. A dot segment would climb to another path even when percent-encoded. */
export function encodeSegment(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new RangeError(`"${id}" is not a group id`);
  return encodeURIComponent(id);
}
