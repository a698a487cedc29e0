import { REMOTE_SYSTEMS } from './effects/remote-call.ts';
import { fillPlace, markdownTable } from './markdown.ts';

/** What the long form of test/faults leaves behind: one row a cell. */
export interface FaultReport {
  readonly seed: number;
  /** Of the whole matrix, whether or not all of them were run. */
  readonly cellCount: number;
  readonly rows: readonly FaultReportRow[];
}

interface FaultReportRow {
  readonly system: string;
  readonly disturbance: string | null;
  readonly held: boolean;
  /** Made outside of a run, so that its caller repeats it. */
  readonly isByHand: boolean;
  /** Codes of the failures that a person or a caller had to answer. */
  readonly codes: readonly string[];
  readonly undoFailed: boolean;
}

export function withFaultReport(page: string, report: FaultReport): string {
  return fillPlace(page, 'fault report', `${summary(report)}\n\n${table(report)}`);
}

function summary({ seed, cellCount, rows }: FaultReport): string {
  const held = rows.filter((row) => row.held).length;
  return `Seed ${seed}: ${held} of ${rows.length} cells held, of a matrix of ${cellCount}.`;
}

function table({ rows }: FaultReport): string {
  const names = [...new Set(rows.flatMap(({ disturbance }) => disturbance ?? []))].sort();
  return markdownTable(
    [
      'fault',
      ...REMOTE_SYSTEMS,
      'went on unaided',
      'after a person’s retry',
      'after its caller’s retry',
      'undo failed, and said so',
    ],
    names.map((name) => {
      const struck = rows.filter(({ disturbance }) => disturbance === name);
      const held = struck.filter((row) => row.held);
      const count = (is: (row: FaultReportRow) => boolean) => String(held.filter(is).length);
      const isUnaided = ({ codes, undoFailed }: FaultReportRow) => codes.length === 0 && !undoFailed;
      return [
        name,
        ...REMOTE_SYSTEMS.map((system) => tally(struck.filter((row) => row.system === system))),
        count(isUnaided),
        count((row) => !isUnaided(row) && !row.undoFailed && !row.isByHand),
        count((row) => !isUnaided(row) && row.isByHand),
        count(({ undoFailed }) => undoFailed),
      ];
    }),
  );
}

/** `held / struck`. */
function tally(rows: readonly FaultReportRow[]): string {
  if (rows.length === 0) return '–';
  return `${rows.filter(({ held }) => held).length} / ${rows.length}`;
}
