import type { Progress } from '../src/contracts/run.ts';
import { searchAttributeKeys } from '../src/contracts/search-attributes.ts';
import { waitsForOf } from '../src/contracts/waits-for.ts';
import { cut } from '../src/domain/cut.ts';
import { type FailureCode, fixerOf } from '../src/domain/failure.ts';

interface Shown {
  /** Null: nothing was read in this execution, so what an earlier one has read still holds. */
  readonly readUpTo: Date | null;
  readonly reason: FailureCode | null;
}

/** What operators can filter by, as a run stands. */
export function shownAttributes(progress: Progress, { readUpTo, reason }: Shown) {
  const keys = searchAttributeKeys;
  return [
    { key: keys.status, value: progress.status },
    { key: keys.waitsFor, value: waitsForOf(progress) },
    ...(progress.dealName === null ? [] : [{ key: keys.dealName, value: keyword(progress.dealName) }]),
    { key: keys.seats, value: progress.seatCount },
    { key: keys.groupLabels, value: fewLabels(progress.groups.map(({ label }) => label)) },
    { key: keys.failureCode, value: shownCode(progress) ?? reason },
    { key: keys.undoFailed, value: progress.undone.some(({ outcome }) => outcome === 'failed') },
    ...(readUpTo === null ? [] : [{ key: keys.readUpTo, value: readUpTo }]),
  ];
}

/** What only an admin can fix goes first: a run is found, counted and alerted to by it. */
function shownCode({ problems }: Progress): FailureCode | null {
  const first = problems.find(({ code }) => fixerOf(code) === 'admin') ?? problems[0];
  return first?.code ?? null;
}

/** The server refuses a value above 2,048 bytes by failing the run itself. Labels are ASCII. */
const MAX_LABELS_LENGTH = 1_500;

/** Temporal's SQL stores keep so many characters of a keyword, and lose sight of a run that has more. */
const MAX_NAME_LENGTH = 255;

/** PostgreSQL keeps no text with a NUL in it. */
function keyword(name: string): string {
  return cut(name.replaceAll(/\p{Cc}+/gu, ' '), MAX_NAME_LENGTH);
}

function fewLabels(labels: readonly string[]): string[] {
  let length = 0;
  return labels.filter((label) => {
    length += label.length + 3;
    return length <= MAX_LABELS_LENGTH;
  });
}
