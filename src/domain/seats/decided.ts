/** What the seat store has decided about a code of the deal. The CRM's link fields only repeat it. */
export interface Decided {
  /**
   * `over`: by a decision about this very code, which nothing takes back. `withdrawn`: with the seats of the deal.
   * `leaving`: about to be, because somebody else came in the place of its holder.
   */
  readonly retired: 'over' | 'withdrawn' | 'leaving' | null;
  /** Contact of the CRM; null: nobody in particular has it. */
  readonly holder: string | null;
  /** Nobody outside has seen it, and its seat is free. */
  readonly isFree: boolean;
  /** Nobody outside has seen it. */
  readonly isSealed: boolean;
}

/** Null: the store does not know the code. */
export type DecidedFinder = (code: string) => Decided | null;

export const NOTHING_DECIDED: DecidedFinder = () => null;
