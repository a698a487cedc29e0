import { type FigureTable, figureTables } from './figures.ts';
import { machineLines } from './machine.ts';
import type { BenchReport } from './run.ts';

/** `docs/benchmarks.md`. */
export function writeDocument(report: BenchReport): string {
  return `# Benchmarks

What Dealseat costs beside bare Temporal. Everything on this page is written by

\`\`\`
npm run bench -- --write-docs
\`\`\`

on ${report.day}, in ${Math.round(report.tookMs / 1_000)} seconds. Medians, with the lower and upper quartile in brackets. A ratio of two times is the median of the ratios of pairs that were measured right after each other, so a slow moment of the machine hits both sides.

${machineLines(report.machine)
  .map((line) => `- ${line}`)
  .join('\n')}

${figureTables(report).map(writeSection).join('\n\n')}

## How it is measured

One Temporal dev server with its store in memory, one process with the stand-ins and the webhook server, one process a worker. The variants take turns, and the first rounds are thrown away. The stand-ins list codes at once, and their rate limits and our request budget are lifted, so that the product is measured and not its courtesy; the time bounds of a run are shortened, which matters only where an attempt is lost. A run that ends otherwise than delivered stops the bench.

## What these figures do not show

- **A real learning platform.** A tenant of Thought Industries that allows 15 requests a minute is slower than everything here: the last table says how long a delivery takes there, whatever the machine. Its limit also bounds the deals per second, and more workers do not help.
- **Networks and vendors.** The stand-ins answer in a millisecond on this machine. A real CRM takes a hundred or more, for each call of the last table; a real platform lists its codes when it is done with them.
- **A production server.** The dev server keeps everything in memory on the same cores. Temporal on PostgreSQL or Temporal Cloud has other times, for the empty chain as well.
- **More workers.** One worker process took all runs; workers scale out.
`;
}

function writeSection({ title, explanation, head, rows }: FigureTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return `## ${title}\n\n${explanation}\n\n${table}`;
}
