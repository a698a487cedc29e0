/** What the seat store knows of a deal. */
export interface SeatFacts {
  /** Free seats with codes that nobody has seen, by product. */
  readonly free: ReadonlyMap<string, number>;
  /** Seats that are being taken back: who is to get each; null: it comes free. */
  readonly coming: readonly { readonly productKey: string; readonly contactId: string | null }[];
  /** Somebody decided that they are to have no seat of the product. */
  readonly without: readonly Pick<HeldSeat, 'contactId' | 'productKey'>[];
  /** Live seats of learners. */
  readonly held: readonly HeldSeat[];
}

export interface HeldSeat {
  readonly seatId: string;
  readonly contactId: string;
  readonly productKey: string;
  /** Of the code group. */
  readonly token: string;
  readonly isRedeemed: boolean;
  /** An operation works on it. */
  readonly isBusy: boolean;
  /** It is being taken back. */
  readonly isGoing: boolean;
}
