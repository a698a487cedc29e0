import { FAILURES, type Fixer } from '../../src/domain/failure.ts';
import type { FailureKind } from '../../src/domain/failures/kind.ts';
import { SEAT_REQUEST_FAULTS } from '../../src/seats/seat-request-error.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/server/problems.ts';
import { fillPlace, markdownTable } from './markdown.ts';

/** The tables of `docs/failures.md` that are made from the code, by the name of their place on the page. */
const TABLES: Readonly<Record<string, () => string>> = {
  'failure codes': failureTable,
  'http problems': httpProblemTable,
};

/** The page with its tables as the code has them now. Throws when a table has no place on the page. */
export function withCurrentTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, table]) => fillPlace(text, name, table()), page);
}

const FIXERS: Readonly<Record<Fixer, string>> = { sales: 'sales', admin: 'admin of Dealseat' };

function failureTable(): string {
  const rows = Object.entries<FailureKind>(FAILURES).map(([code, kind]) => [
    `\`${code}\``,
    kind.class,
    FIXERS[kind.fixedBy],
    kind.cause,
    kind.cure,
    shownOnDeal(kind),
  ]);
  return markdownTable(['code', 'class', 'who fixes it', 'cause', 'cure', 'on the deal'], rows);
}

/** Sales: the next step, if it is not the cure. Admin: what holds the deal up. */
function shownOnDeal({ fixedBy, onDeal }: FailureKind): string {
  if (fixedBy === 'admin') return `Held up: ${onDeal}.`;
  return onDeal ?? '';
}

function httpProblemTable(): string {
  const rows = Object.entries({ ...WEBHOOK_PROBLEMS, ...SEAT_REQUEST_FAULTS }).map(
    ([code, { status, title }]) => [`\`${code}\``, String(status), title],
  );
  return markdownTable(['code', 'status', 'meaning'], rows);
}
