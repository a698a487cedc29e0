import type { Call } from '../call.ts';

/** One request to Salesforce, as the rest of the client describes it. */
export interface SalesforceCall extends Call {
  /** The object whose fields the request names, or the resource: a failure about a field or a right tells it. */
  readonly object: string;
}
