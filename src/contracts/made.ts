import type { Ledger } from '../domain/deal/ledger.ts';
import type { LinkedGroup } from '../domain/seats/code-group.ts';

/**
 * What a run has made and may have to undo, noted before it is made: a call that timed out may have happened. Plain
 * data, so that it survives a run that continues as new.
 */
export type Made =
  | {
      readonly what: 'group';
      readonly token: string;
      readonly label: string;
      readonly platform: string;
      /** Once known, no other group is taken for this token. */
      readonly groupId: string | null;
    }
  /** The ledger that the deal had before. */
  | { readonly what: 'note'; readonly base: Ledger; readonly revision: string }
  | {
      readonly what: 'links';
      readonly contactIds: readonly string[];
      readonly groups: readonly LinkedGroup[];
    }
  | { readonly what: 'roster'; readonly fileName: string };
