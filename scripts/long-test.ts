/**
 * The long forms of three suites, whose short forms belong to `npm test`. `npm run test:faults` runs every cell of the
 * fault matrix and writes its report into docs/test-reports.md; `npm run test:resets` resets every kind of run to every
 * point and does the same; `npm run test:chaos` delivers 200 deals amid crashes, imports 1,000 at once, kills the worker
 * at every point of every change of a seat, and measures how soon deals go on after trouble.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from '../test/resets/matrix.ts';
import { type FaultReport, withFaultReport } from './docs/fault-report.ts';
import { type ResetReport, withResetReport } from './docs/reset-report.ts';

const root = join(import.meta.dirname, '..');
const reportFile = join(root, '.cache', `test-report-${process.pid}.json`);

const USAGE = `Usage: npm run test:faults -- [--seed <number>] [--cells <number>]
       npm run test:chaos -- [--seed <number>] [--deals <number>]
       npm run test:resets -- [--concurrency <number>] [--only <words of a row>]
A seed that a failed run printed runs the same again; --cells takes that many of the matrix instead of all.
--concurrency resets so many runs side by side (8); --only takes the rows whose name has these words, and leaves the page.`;

const { values, positionals } = parse();
const seed = values.seed ?? String(1 + Math.floor(Math.random() * 1_000_000));
await mkdir(join(root, '.cache'), { recursive: true });
const suites: Readonly<Record<string, () => Promise<number>>> = {
  faults: runFaults,
  resets: runResets,
  chaos: runChaos,
};
const suite = suites[positionals[0] ?? ''];
if (suite === undefined) throw new Error(`Expected one of ${Object.keys(suites).join(', ')}`);
process.exitCode = await suite();

async function runFaults(): Promise<number> {
  tellSeed();
  const exitCode = await runJest('test/faults', {
    DEALSEAT_FAULTS_FORM: 'long',
    DEALSEAT_FAULTS_SEED: seed,
    DEALSEAT_FAULTS_REPORT: reportFile,
    ...(values.cells === undefined ? {} : { DEALSEAT_FAULTS_CELLS: values.cells }),
  });
  return report(exitCode, (page, text) => withFaultReport(page, JSON.parse(text) as FaultReport));
}

/** One process a kind of run: what hundreds of sandboxes and replays leave behind would add up. */
async function runResets(): Promise<number> {
  const { concurrency, only } = values;
  const reports: ResetReport[] = [];
  let exitCode = 0;
  for (const part of only === undefined ? Object.keys(KINDS).map((kind) => `${kind} (`) : [only]) {
    const code = await runJest('test/resets/matrix', {
      DEALSEAT_RESETS_FORM: 'long',
      DEALSEAT_RESETS_REPORT: reportFile,
      DEALSEAT_RESETS_ONLY: part,
      ...(concurrency === undefined ? {} : { DEALSEAT_RESETS_CONCURRENCY: concurrency }),
    });
    if (code === 0) reports.push(JSON.parse(await readFile(reportFile, 'utf8')) as ResetReport);
    else exitCode = code;
    await rm(reportFile, { force: true });
  }
  // A part of the matrix is no report of it.
  if (only !== undefined) return exitCode;
  await writeFile(reportFile, JSON.stringify({ rows: reports.flatMap(({ rows }) => rows) }));
  return report(exitCode, (page, text) => withResetReport(page, JSON.parse(text) as ResetReport));
}

/** Writes the report of a run that passed into the page. */
async function report(exitCode: number, place: (page: string, text: string) => string): Promise<number> {
  const page = join(root, 'docs', 'test-reports.md');
  if (exitCode === 0) {
    await writeFile(page, place(await readFile(page, 'utf8'), await readFile(reportFile, 'utf8')));
    print('The report is in docs/test-reports.md.');
  } else {
    print('A test failed: docs/test-reports.md keeps the report of the last run that passed.');
  }
  await rm(reportFile, { force: true });
  return exitCode;
}

function runChaos(): Promise<number> {
  tellSeed();
  return runJest('test/chaos/(chaos|recovery|seats-killed)|test/workflows/bulk-lane', {
    DEALSEAT_CHAOS_SEED: seed,
    DEALSEAT_CHAOS_DEALS: values.deals ?? '200',
    DEALSEAT_BULK_DEALS: '1000',
    DEALSEAT_KILLS_FORM: 'long',
  });
}

function runJest(pattern: string, env: Readonly<Record<string, string>>): Promise<number> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--disable-warning=ExperimentalWarning', jest, pattern];
  const options = ['--runInBand', '--maxConcurrency=8', '--verbose'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, ...options], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal !== null) print(`Jest was ended by ${signal}.`);
      resolve(code ?? 1);
    });
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill(signal));
  });
}

function parse() {
  try {
    const value = { type: 'string' } as const;
    const options = { seed: value, cells: value, deals: value, concurrency: value, only: value };
    const parsed = parseArgs({ options, allowPositionals: true });
    const { only: _words, ...numbers } = parsed.values;
    const bad = Object.entries(numbers).find(([, number]) => !/^[1-9]\d{0,8}$/.test(number));
    if (bad) throw new Error(`--${bad[0]} must be a whole number above 0, found "${bad[1]}"`);
    return parsed;
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

function tellSeed(): void {
  print(`seed ${seed}: run the same again with -- --seed ${seed}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
