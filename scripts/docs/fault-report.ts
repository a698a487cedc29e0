import { REMOTE_SYSTEMS } from './effects/remote-call.ts';
import { fillPlace, markdownTable } from './markdown.ts';

/** What the long form of test/faults leaves behind: one row a cell. */
export interface FaultReport {
  readonly seed: number;
  /** Of the whole matrix, whether or not all of them were run. */
  readonly cellCount: number;
  readonly rows: readonly FaultReportRow[];
}

/** How a cell that held went on, with the words of its column, in their order. */
const WAYS = {
  repeated: 'repeated, however long it takes',
  byItself: 'passes by itself',
  person: 'a person was asked, and retried',
  caller: 'failed at once, and was called again',
  leftUndone: 'left undone, and said so',
} as const;

export type Way = keyof typeof WAYS;

interface FaultReportRow {
  readonly system: string;
  readonly disturbance: string | null;
  /** Null: it did not hold. */
  readonly way: Way | null;
}

export function withFaultReport(page: string, report: FaultReport): string {
  return fillPlace(page, 'fault report', `${summary(report)}\n\n${table(report)}`);
}

function summary({ seed, cellCount, rows }: FaultReport): string {
  return `Seed ${seed}: ${heldOf(rows).length} of ${rows.length} cells held, of a matrix of ${cellCount}.`;
}

function table({ rows }: FaultReport): string {
  const names = [...new Set(rows.flatMap(({ disturbance }) => disturbance ?? []))].sort();
  const ways = Object.keys(WAYS) as Way[];
  return markdownTable(
    ['fault', ...REMOTE_SYSTEMS, ...Object.values(WAYS)],
    names.map((name) => {
      const struck = rows.filter(({ disturbance }) => disturbance === name);
      return [
        name,
        ...REMOTE_SYSTEMS.map((system) => tally(struck.filter((row) => row.system === system))),
        ...ways.map((way) => String(struck.filter((row) => row.way === way).length)),
      ];
    }),
  );
}

/** `held / struck`. */
function tally(rows: readonly FaultReportRow[]): string {
  return rows.length === 0 ? '–' : `${heldOf(rows).length} / ${rows.length}`;
}

function heldOf(rows: readonly FaultReportRow[]): readonly FaultReportRow[] {
  return rows.filter(({ way }) => way !== null);
}
