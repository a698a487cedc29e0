import type { DealRef } from '../domain/deal/deal.ts';
import type { LateDecision } from '../domain/seats/late-decision.ts';
import type { OperationAsk } from '../domain/seats/operation.ts';
import type { Actor, SeatState } from '../domain/seats/seat-state.ts';
import type {
  ErasureView,
  FindingsView,
  FindKind,
  FoundView,
  LinkView,
  OperationPageView,
  OperationsView,
  OperationView,
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
  /**
   * Writes down what is to be done to a seat; Dealseat then does it. The same id with the same content is the same
   * operation. Throws `seats.unknown_seat`, `seats.ambiguous_seat`, `seats.unknown_deal` and `seat.*` failures.
   */
  ask(request: SeatAsk): Promise<OperationView>;
  /**
   * Several at once, all or none, in their order. Each is an operation of its own, whose id is made of the one here and of
   * its row, so that a repeat asks for nothing twice. Throws as `ask`, and `OperationsRefused` with every row that cannot be.
   */
  askMany(requests: SeatAsks): Promise<OperationsView>;
  /** Throws `seats.unknown_operation`. */
  operation(id: string): Promise<OperationView>;
  /** Those that have not ended, oldest first. Throws `seats.cursor_invalid`. */
  operations(options?: { readonly isWaiting?: boolean } & PageOptions): Promise<OperationPageView>;
  /** What it waits for was mended: it is tried again at once. Throws `seats.unknown_operation`. */
  retryOperation(id: string): Promise<OperationView>;
  /** A CSV file with a row for each seat. Throws `seats.unknown_deal`. */
  exportSeats(deal: DealRef, options?: SeatExportOptions): Promise<SeatExport>;
  /**
   * The redeem link of a seat whose code can still be used, for who passes it on. Who asked is noted, and the seat counts as
   * handed out. Throws `seats.unknown_seat`, `seats.ambiguous_seat` and `seat.*` failures.
   */
  showLink(request: LinkRequest): Promise<LinkView>;
  /**
   * What becomes of a code that was taken back and redeemed all the same; the same decision again changes nothing. Throws
   * `seats.unknown_seat`, `seats.ambiguous_seat`, `seat.wrong_state` and `seat.id_used`.
   */
  settleLate(request: LateSettlement): Promise<SeatHistoryView>;
  /** Open findings, newest first. Throws `seats.cursor_invalid`. */
  findings(options?: { readonly deal?: DealRef } & PageOptions): Promise<FindingsView>;
  /**
   * A person has looked at what a rebuild of the deal's seats could not tell. What an audit found is over when it is put right,
   * and stays here. A repeat changes nothing. @returns The findings that are still open.
   */
  closeFindings(request: ClosedFindings): Promise<FindingsView>;
  /** All that is known of a person, by e-mail address; empty lists: nothing is. */
  person(email: string): Promise<PersonView>;
  /** Does a part of removing a person from the store and the files of its database. To be repeated until it is over. */
  erase(erasure: PersonErasure): Promise<ErasureView>;
  /** Seals some codes with the newest secret key. To be repeated until it is over. */
  rotateKeys(rotation: Keyed): Promise<RotationView>;
}

/** One request, however often it is sent. The same id with another content is refused with `seat.id_used`. */
export interface Keyed {
  /** The idempotency key. */
  readonly id: string;
}

export interface PersonErasure extends Keyed {
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

export interface SeatExportOptions extends Pick<SeatListOptions, 'states' | 'productKey'> {
  /** With the codes that can still be used: it is noted who asked and why, and those seats count as handed out. */
  readonly codes?: Keyed & { readonly actor: Actor; readonly reason: string };
}

export interface SeatExport {
  readonly csv: string;
  readonly seatCount: number;
  readonly codeCount: number;
  /** Seats that count as handed out since this export. */
  readonly exposedCount: number;
}

export interface LinkRequest extends Keyed {
  /** Whole or a beginning. */
  readonly seatId: string;
  readonly actor: Actor;
  readonly reason: string;
}

export interface ClosedFindings extends Omit<LinkRequest, 'seatId'> {
  readonly deal: DealRef;
}

export interface LateSettlement extends LinkRequest {
  readonly decision: LateDecision;
}

/** What is to be done, to which seat, by whom and why. */
export interface SeatAsk extends Keyed {
  readonly act: OperationAsk;
  /** A seat by its id or the beginning of it; or, for a grant, any free seat of a product. */
  readonly seat: { readonly id: string; readonly version?: number } | FreeSeatOf;
  readonly actor: Actor;
  readonly reason: string | null;
}

export interface SeatAsks extends Keyed {
  /** At most `MAX_ASKS`. */
  readonly asks: readonly Omit<SeatAsk, 'id'>[];
}

/** Each is asked for in the same transaction. */
export const MAX_ASKS = 200;

export interface FreeSeatOf {
  readonly deal: DealRef;
  readonly productKey: string;
}
