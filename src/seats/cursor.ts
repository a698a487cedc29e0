import { SeatRequestError } from './seat-request-error.ts';

/** Where the next page begins, as a text that callers only hand back. */
export function cursorOf(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Throws `seats.cursor_invalid` for anything else than a cursor of that many parts. */
export function readCursor(
  cursor: string | undefined,
  parts: readonly RegExp[],
): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const found = parsed(cursor);
  if (found?.length === parts.length && found.every((part, index) => parts[index]?.test(part))) return found;
  throw new SeatRequestError(
    'seats.cursor_invalid',
    'The cursor is not one of this question; expected the value of "next" of the page before.',
  );
}

function parsed(cursor: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null;
  }
}
