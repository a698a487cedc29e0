import type { FailureCode } from '../../domain/failure.ts';

/** What one request to Salesforce is for: enough to turn whatever comes back into the right failure. */
export interface Call {
  /** For messages, after "Salesforce: ", for example `reading opportunity 006…`. */
  readonly what: string;
  /** The object whose fields the request names. */
  readonly object: string;
  /** True when sending it twice makes two: then an answer that is lost or unreadable is an unknown outcome. */
  readonly creates?: boolean;
  /** The failure when the record does not exist. Default `crm.not_found`. */
  readonly missing?: FailureCode;
  /** The failure when Salesforce refuses the values. Default `crm.invalid_request`. */
  readonly rejected?: FailureCode;
  /**
   * True when the request carries redemption codes. Salesforce quotes the offending value in some messages
   * (STRING_TOO_LONG does), so its words are then not repeated.
   */
  readonly confidential?: boolean;
  /** Where the request's secrets are few: its answer is quoted unless it holds one of these. */
  readonly secrets?: readonly string[];
}
