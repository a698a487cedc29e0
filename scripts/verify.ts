/**
 * The one command behind `npm test`: every check, then every test. All of them run even when one fails, so that
 * one run tells everything. With arguments only the tests run, and Jest gets the arguments.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bringProgram } from './setup/bring-program.ts';
import { LIBREOFFICE } from './setup/libreoffice.ts';
import { closingLine, readTotals } from './test-totals.ts';

const root = join(import.meta.dirname, '..');
const bin = (file: string) => join(root, 'node_modules', file);
const resultsFile = join(root, '.cache', `jest-results-${process.pid}.json`);

interface Check {
  readonly title: string;
  /** Arguments for Node. */
  readonly args: readonly string[];
  readonly cure: string;
}

const SOURCES = ['src', 'workflows', 'activities', 'webhooks', 'sandbox', 'test', 'bench'];

const CHECKS: readonly Check[] = [
  {
    title: 'format and lint',
    args: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
    cure: 'npx biome check --write',
  },
  {
    title: 'types',
    args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json'],
    cure: 'npx tsc -p tsconfig.json',
  },
  {
    title: 'types of workflow code, without Node and DOM',
    args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.workflows.json'],
    cure: 'keep Node and DOM names out of workflows/, src/domain/ and src/contracts/',
  },
  {
    title: 'dead code',
    args: [bin('knip/bin/knip.js'), '--no-progress'],
    cure: 'remove what nobody uses, or its export',
  },
  {
    title: 'dependency rules',
    args: [
      bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      ...SOURCES,
    ],
    cure: 'see the comment of the rule in .dependency-cruiser.cjs',
  },
  { title: 'build and workflow bundle', args: ['scripts/build.ts'], cure: 'npm run build' },
];

/** They end with us. */
const children = new Set<ChildProcess>();
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(1);
  });
}

const jestArguments = process.argv.slice(2);
const failed: Check[] = [];
const checks = jestArguments.length === 0 ? CHECKS : [];
if (checks.length > 0) print(`${checks.length} checks, then the tests; a few minutes in all …`);
// Side by side, because each leaves cores idle for a part of its time; reported in their order.
for (const { check, outcome } of checks.map((check) => ({ check, outcome: carryOut(check) }))) {
  const { exitCode, output, seconds } = await outcome;
  print(`${exitCode === 0 ? 'ok    ' : 'FAILED'} ${check.title} (${seconds} s)`);
  if (exitCode === 0) continue;
  print(output.trimEnd());
  failed.push(check);
}

if (jestArguments.length === 0) await bringProgram(LIBREOFFICE, print);
print('tests …');
await mkdir(join(root, '.cache'), { recursive: true });
const startedAt = Date.now();
const jest = await runNode(
  [
    '--disable-warning=ExperimentalWarning',
    bin('jest/bin/jest.js'),
    '--json',
    `--outputFile=${resultsFile}`,
    ...jestArguments,
  ],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    // For the dozens of services and commands that tests start: half of their start is reading our sources.
    env: { NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'), ...process.env },
  },
);
const totals = await readTotals(resultsFile);
await rm(resultsFile, { force: true });
const haveTestsFailed = jest.exitCode !== 0 || totals.failed > 0;
print(`${haveTestsFailed ? 'FAILED' : 'ok    '} tests (${Math.round((Date.now() - startedAt) / 1000)} s)`);

if (checks.length > 0) print(`\n${checks.length - failed.length} of ${checks.length} checks passed.`);
for (const check of failed) print(`FAILED ${check.title}. Try: ${check.cure}`);
if (haveTestsFailed) print('FAILED tests. Run one file again with: npm test -- test/<folder>/<name>');
process.exitCode = failed.length > 0 || haveTestsFailed ? 1 : 0;
// CI reads this line, so it stands last and alone.
print(closingLine(totals));

async function carryOut({ args }: Check) {
  const startedAt = Date.now();
  const ended = await runNode(args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return { ...ended, seconds: ((Date.now() - startedAt) / 1000).toFixed(1) };
}

async function runNode(
  args: readonly string[],
  options: SpawnOptions,
): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(process.execPath, args, { ...options, cwd: root });
  children.add(child);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      children.delete(child);
      resolve({ exitCode, output });
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
