import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from './report.ts';
import type { ServerKind } from './server/temporal.ts';

/** The figures that the pages show, by the kind of server that they were measured on. */
export type Measured = Readonly<Partial<Record<ServerKind, BenchReport>>>;

const FOLDER = fileURLToPath(new URL('./measured/', import.meta.url));

export async function keepMeasured(report: BenchReport): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(report.server), `${JSON.stringify(report, null, 2)}\n`);
}

export async function readMeasured(): Promise<Measured> {
  return { dev: await read('dev'), postgres: await read('postgres') } as Measured;
}

async function read(kind: ServerKind): Promise<BenchReport | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(kind), 'utf8')) as BenchReport;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function fileOf(kind: ServerKind): string {
  return `${FOLDER}${kind}.json`;
}
