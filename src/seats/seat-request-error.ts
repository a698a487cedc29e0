/** What a question about seats got wrong. Its message never repeats a code or an address. */
export type SeatRequestFault =
  | 'seats.unknown_deal'
  | 'seats.unknown_seat'
  | 'seats.ambiguous_seat'
  | 'seats.cursor_invalid';

/** Answered to the asker, who corrects the question. */
export class SeatRequestError extends Error {
  readonly code: SeatRequestFault;

  constructor(code: SeatRequestFault, message: string) {
    super(message);
    this.name = 'SeatRequestError';
    this.code = code;
  }
}
