import type { Problem } from '../failure.ts';

/** What became of one message, as far as its tool can tell. */
export type MessageOutcome =
  /** `sent`: the tool says so. `accepted`: taken, and the tool says no more. `none`: the catalog wants no mail. */
  | { readonly is: 'sent' | 'accepted' | 'none'; readonly reference: string | null }
  /** The tool proves that it is not out. */
  | { readonly is: 'refused'; readonly problem: Problem }
  /** It may be out, and only a person can find out. */
  | { readonly is: 'inDoubt'; readonly problem: Problem };

/** By send key. A message that is absent was not tried yet. */
export type MessageOutcomes = Readonly<Record<string, MessageOutcome>>;

/** People may hold something of these. */
export function mayBeOut(outcomes: MessageOutcomes): boolean {
  return Object.values(outcomes).some(({ is }) => is === 'sent' || is === 'accepted' || is === 'inDoubt');
}
