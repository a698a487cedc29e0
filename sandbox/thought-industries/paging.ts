import { Refusal } from './refusal.ts';
import type { TiState } from './state.ts';

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly cursor: string | null;
}

interface PageRequest<Row> {
  readonly all: readonly Row[];
  readonly perPage: number;
  readonly cursor: string | null;
  readonly state: Pick<TiState, 'options' | 'changedAnswers'>;
}

/** Offset paging behind a cursor: rows that are inserted between two calls shift the pages. */
export function page<Row>({ all, perPage, cursor, state }: PageRequest<Row>): Page<Row> {
  const { options, changedAnswers } = state;
  const number = cursor === null ? 1 : pageOf(cursor);
  const end = number * perPage;
  const overlap = options.duplicateRows && number > 1 ? 1 : 0;
  const rows = all.slice(end - perPage - overlap, end);
  changedAnswers.duplicateRows += overlap;
  if (cursor !== null && options.repeatCursorOnce) {
    options.repeatCursorOnce = false;
    changedAnswers.repeatCursorOnce += 1;
    return { rows, hasMore: true, cursor };
  }
  const hasMore = all.length > end;
  return { rows, hasMore, cursor: hasMore ? cursorOf(number + 1) : null };
}

function cursorOf(number: number): string {
  return Buffer.from(JSON.stringify({ page: number })).toString('base64');
}

function pageOf(cursor: string): number {
  const match = /^\{"page":([1-9]\d{0,6})\}$/.exec(Buffer.from(cursor, 'base64').toString());
  if (!match) throw new Refusal(400, 'Invalid cursor');
  return Number(match[1]);
}
