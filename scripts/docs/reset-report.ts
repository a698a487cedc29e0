import { fillPlace, markdownTable } from './markdown.ts';

/** What the long form of test/resets leaves behind: one entry a row of its matrix. */
export interface ResetReport {
  readonly rows: readonly ResetReportRow[];
}

interface ResetReportRow {
  /** In words. */
  readonly kind: string;
  readonly crm: 'hubspot' | 'salesforce';
  readonly hasLaterDelivery: boolean;
  readonly resets: number;
  readonly held: number;
}

export function withResetReport(page: string, report: ResetReport): string {
  return fillPlace(page, 'reset report', `${summary(report)}\n\n${table(report)}`);
}

function summary({ rows }: ResetReport): string {
  return `${sum(rows, 'held')} of ${sum(rows, 'resets')} resets held.`;
}

const COLUMNS: readonly { readonly head: string; readonly shows: (row: ResetReportRow) => boolean }[] = (
  [
    ['HubSpot', 'hubspot'],
    ['Salesforce', 'salesforce'],
  ] as const
).flatMap(([name, crm]) => [
  { head: name, shows: (row) => row.crm === crm && !row.hasLaterDelivery },
  { head: `${name}, delivered by a later run`, shows: (row) => row.crm === crm && row.hasLaterDelivery },
]);

function table({ rows }: ResetReport): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  return markdownTable(
    ['the run that is reset', ...COLUMNS.map(({ head }) => head)],
    kinds.map((kind) => {
      const own = rows.filter((row) => row.kind === kind);
      return [kind, ...COLUMNS.map(({ shows }) => tally(own.filter(shows)))];
    }),
  );
}

/** `held / reset`. */
function tally(rows: readonly ResetReportRow[]): string {
  return rows.length === 0 ? '–' : `${sum(rows, 'held')} / ${sum(rows, 'resets')}`;
}

function sum(rows: readonly ResetReportRow[], what: 'resets' | 'held'): number {
  return rows.reduce((total, row) => total + row[what], 0);
}
