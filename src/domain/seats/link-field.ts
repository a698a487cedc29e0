import { codeInLink, type Linked, linkOf } from './redeem-link.ts';

/**
 * A contact has one field for redeem links, with one link a line, whatever number of deals the person learns through.
 * So a deal may change its own lines only, and a line is a deal's own by the code in it: templates change.
 */
export function linesOf(field: string): string[] {
  return field === '' ? [] : field.split('\n').map((line) => line.trim());
}

/** The code of a deal in a line of a link field; null where there is none. */
export type CodeFinder = (line: string) => string | null;

/** `templates`: those that links of these codes were made with, for codes that are only a part of a path segment. */
export function createCodeFinder(codes: ReadonlySet<string>, templates: readonly string[]): CodeFinder {
  return (line) => {
    for (const part of line.split(/[/?#&=\s]/)) {
      const code = decoded(part);
      if (code !== null && codes.has(code)) return code;
    }
    for (const template of templates) {
      const code = codeInLink(template, line);
      if (code !== null && codes.has(code)) return code;
    }
    return null;
  };
}

/**
 * The field with the links of these seats and no other line of the deal. Other lines stay, and so do the order and a
 * line of a seat that was made with another template: a field that is right already comes back as it is.
 */
export function withSeats(field: string, seats: readonly Linked[], findCode: CodeFinder): string {
  const missing = new Map(seats.map((seat) => [seat.code, linkOf(seat)]));
  const kept = (field === '' ? [] : field.split('\n')).filter((line) => {
    const code = findCode(line.trim());
    return code === null || missing.delete(code);
  });
  return [...kept, ...missing.values()].join('\n');
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
