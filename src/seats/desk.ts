import type { DealRef } from '../domain/deal/deal.ts';
import type { SeatState } from '../domain/seats/seat-state.ts';
import type {
  ErasureView,
  FindingsView,
  FindKind,
  FoundView,
  PersonView,
  RotationView,
  SeatHistoryView,
  SeatPageView,
} from './views.ts';

/** What people and programs ask of seats. Over the store itself: `store-desk.ts`; over a running service: `http-desk.ts`. */
export interface SeatDesk {
  /** Throws `seats.unknown_deal`, `seats.cursor_invalid`. */
  seatsOf(deal: DealRef, options?: SeatListOptions): Promise<SeatPageView>;
  /** Throws `seats.cursor_invalid`. */
  find(query: FindQuery): Promise<FoundView>;
  /** `seatId`: whole or a beginning. Throws `seats.unknown_seat`, `seats.ambiguous_seat`. */
  history(seatId: string): Promise<SeatHistoryView>;
  /** Open findings, newest first. Throws `seats.cursor_invalid`. */
  findings(options?: { readonly deal?: DealRef } & PageOptions): Promise<FindingsView>;
  /** All that is known of a person, by e-mail address; empty lists: nothing is. */
  person(email: string): Promise<PersonView>;
  /** Removes a person from the store and from the files of its database. */
  erase(erasure: PersonErasure): Promise<ErasureView>;
  /** Seals every code with the newest secret key. */
  rotateKeys(): Promise<RotationView>;
}

export interface PersonErasure {
  readonly email: string;
  /** Who asks for it, for the record. */
  readonly by: string;
}

export interface PageOptions {
  /** Default `DEFAULT_PAGE`, at most `MAX_PAGE`. */
  readonly limit?: number;
  readonly cursor?: string;
}

export const DEFAULT_PAGE = 200;
export const MAX_PAGE = 1_000;

export interface SeatListOptions extends PageOptions {
  /** Absent: all but ended ones. */
  readonly states?: readonly SeatState[];
  readonly productKey?: string;
}

export interface FindQuery extends PageOptions {
  /** An e-mail address, a code or a redeem link, a group label, or a part of a company's or a deal's name. */
  readonly text: string;
  /** Absent: whichever of them finds something, in the order of `FIND_KINDS`. */
  readonly by?: FindKind;
}
