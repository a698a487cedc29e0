/** What a question about seats got wrong: the asker corrects it. */
export const SEAT_REQUEST_FAULTS = {
  'seats.unknown_deal': { status: 404, title: 'The store has no seats of that deal.' },
  'seats.unknown_seat': { status: 404, title: 'The store has no such seat.' },
  'seats.ambiguous_seat': { status: 409, title: 'The ids of several seats begin so.' },
  'seats.unknown_operation': { status: 404, title: 'The store has no such operation.' },
  'seats.cursor_invalid': { status: 400, title: 'The cursor is not one of this question.' },
} as const satisfies Record<`seats.${string}`, { readonly status: number; readonly title: string }>;

export type SeatRequestFault = keyof typeof SEAT_REQUEST_FAULTS;

export function isSeatRequestFault(code: string): code is SeatRequestFault {
  return Object.hasOwn(SEAT_REQUEST_FAULTS, code);
}

/** Its message never repeats a code or an address. */
export class SeatRequestError extends Error {
  readonly code: SeatRequestFault;

  constructor(code: SeatRequestFault, message: string) {
    super(message);
    this.name = 'SeatRequestError';
    this.code = code;
  }
}
