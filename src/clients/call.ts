import type { FailureCode } from '../domain/failure.ts';

/**
 * What one call to a vendor is for: enough to turn whatever comes back into the right failure. Every client speaks of
 * its calls in these words and adds only what its own wire needs.
 */
export interface Call {
  /** For messages, after the vendor's name, for example `read deal 9001`. Without secrets. */
  readonly name: string;
  readonly effect: CallEffect;
  /** What it means that the record does not exist. Default: the client's `….not_found`. */
  readonly whenMissing?: FailureCode;
  /** What it means that the vendor refuses a value. Default: the client's `….invalid_request` or `….rejected`. */
  readonly whenRefused?: FailureCode;
  /**
   * The call or its answer holds redemption codes or links. `all`: the vendor's words are never repeated, because it may
   * quote them. A list: its words are repeated unless one of these stands in them.
   */
  readonly secrets?: 'all' | readonly string[];
}

/**
 * What a repeat of a call would do.
 * - `read`: nothing.
 * - `overwrite`: the same again; this includes deletes, sets, and sends that the vendor makes once a key.
 * - `create`: perhaps a second record or mail, so an answer that is lost is an unknown outcome.
 */
export type CallEffect = 'read' | 'overwrite' | 'create';
