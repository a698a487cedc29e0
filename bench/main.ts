/** `npm run bench`: what the product costs beside bare Temporal, measured in one run on one server. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writeDocument } from './document.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { runBench } from './run.ts';
import { writeTables } from './tables.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const note = (line: string) => process.stderr.write(`${line}\n`);

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(USAGE);
  } else {
    const report = await runBench(options.effort, note);
    const isJson = options.format === 'json';
    process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : writeTables(report));
    if (options.writesDocs) await writeFile(DOCUMENT, writeDocument(report));
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  note(isUsage ? `${error.message}\n\n${USAGE}` : String(error instanceof Error ? error.stack : error));
  // Not by itself: after a failure there are still calls that wait for runs.
  process.exit(isUsage ? 2 : 1);
}
