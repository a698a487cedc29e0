/** `npm run bench`: how fast the product is and what it costs, measured in one run; or another one in its place. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withCurrentScaling } from '../scripts/docs/scaling.ts';
import { writeDocument } from './document.ts';
import { deliveryTable } from './figures.ts';
import { keepMeasured, readMeasured } from './measured.ts';
import { type BenchOptions, type PeerOptions, readOptions, USAGE, UsageError } from './options.ts';
import { runPeer } from './peer/run.ts';
import { runBench } from './run.ts';
import { drawTable, writeTables } from './tables.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const SCALING = fileURLToPath(new URL('../docs/scaling.md', import.meta.url));

const note = (line: string) => process.stderr.write(`${line}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(USAGE);
  else await (options.peer === null ? measure(options) : compare(options, options.peer));
} catch (error) {
  const isUsage = error instanceof UsageError;
  note(isUsage ? `${error.message}\n\n${USAGE}` : String(error instanceof Error ? error.stack : error));
  // Not by itself: after a failure there are still calls that wait for runs.
  process.exit(isUsage ? 2 : 1);
}

async function measure(options: BenchOptions): Promise<void> {
  const report = await runBench(options, note);
  print(options.format === 'json' ? JSON.stringify(report, null, 2) : writeTables(report));
  if (!options.writesDocs) return;
  keepMeasured(report);
  await writeFile(DOCUMENT, writeDocument(readMeasured()));
  await writeFile(SCALING, withCurrentScaling(await readFile(SCALING, 'utf8')));
}

async function compare({ effort, format }: BenchOptions, peer: PeerOptions): Promise<void> {
  const rows = await runPeer(peer, effort, note);
  print(format === 'json' ? JSON.stringify(rows, null, 2) : drawTable(deliveryTable(peer.url, rows)));
}
