import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from './report.ts';
import { SERVER_KINDS, type ServerKind } from './server/temporal.ts';

/** The figures that the pages show, by the kind of server that they were measured on. */
export type Measured = Readonly<Partial<Record<ServerKind, BenchReport>>>;

const FOLDER = fileURLToPath(new URL('./measured/', import.meta.url));

export function keepMeasured(report: BenchReport): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(report.server), `${JSON.stringify(report, null, 2)}\n`);
}

export function readMeasured(): Measured {
  return Object.fromEntries(
    SERVER_KINDS.flatMap((kind) => {
      const report = readReport(kind);
      return report === null ? [] : [[kind, report]];
    }),
  );
}

/** Null: nothing was measured on such a server yet. */
function readReport(kind: ServerKind): BenchReport | null {
  try {
    return JSON.parse(readFileSync(fileOf(kind), 'utf8')) as BenchReport;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function fileOf(kind: ServerKind): string {
  return `${FOLDER}${kind}.json`;
}
