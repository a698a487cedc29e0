/**
 * The long forms of two suites, whose short forms belong to `npm test`. `npm run test:faults` runs every cell of the
 * fault matrix and writes its report into docs/guarantees.md; `npm run test:chaos` delivers 200 deals amid crashes, and
 * imports 1,000 at once.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FaultReport, withFaultReport } from './docs/fault-report.ts';

const root = join(import.meta.dirname, '..');
const reportFile = join(root, '.cache', `fault-report-${process.pid}.json`);

const USAGE = `Usage: npm run test:faults -- [--seed <number>] [--cells <number>]
       npm run test:chaos -- [--seed <number>] [--deals <number>]
A seed that a failed run printed runs the same again; --cells takes that many of the matrix instead of all.`;

const { values, positionals } = parse();
const seed = values.seed ?? String(1 + Math.floor(Math.random() * 1_000_000));
print(`seed ${seed}: run the same again with -- --seed ${seed}`);
await mkdir(join(root, '.cache'), { recursive: true });
process.exitCode = positionals[0] === 'faults' ? await runFaults() : await runChaos();

async function runFaults(): Promise<number> {
  const exitCode = await runJest('test/faults', {
    DEALSEAT_FAULTS_FORM: 'long',
    DEALSEAT_FAULTS_SEED: seed,
    DEALSEAT_FAULTS_REPORT: reportFile,
    ...(values.cells === undefined ? {} : { DEALSEAT_FAULTS_CELLS: values.cells }),
  });
  const page = join(root, 'docs', 'guarantees.md');
  if (exitCode !== 0) {
    await rm(reportFile, { force: true });
    print('A test failed: docs/guarantees.md keeps the report of the last run that passed.');
    return exitCode;
  }
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as FaultReport;
  await writeFile(page, withFaultReport(await readFile(page, 'utf8'), report));
  await rm(reportFile, { force: true });
  print('The report is in docs/guarantees.md.');
  return exitCode;
}

function runChaos(): Promise<number> {
  return runJest('test/chaos/chaos|test/workflows/bulk-lane', {
    DEALSEAT_CHAOS_SEED: seed,
    DEALSEAT_CHAOS_DEALS: values.deals ?? '200',
    DEALSEAT_BULK_DEALS: '1000',
  });
}

function runJest(pattern: string, env: Readonly<Record<string, string>>): Promise<number> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, pattern];
  const options = ['--runInBand', '--maxConcurrency=8', '--verbose'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, ...options], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill(signal));
  });
}

function parse() {
  try {
    const number = { type: 'string' } as const;
    const options = { seed: number, cells: number, deals: number };
    const parsed = parseArgs({ options, allowPositionals: true });
    const bad = Object.entries(parsed.values).find(([, value]) => !/^[1-9]\d{0,8}$/.test(value));
    if (bad) throw new Error(`--${bad[0]} must be a whole number above 0, found "${bad[1]}"`);
    return parsed;
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
