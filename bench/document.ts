import { type FigureTable, figureTables } from './figures.ts';
import { machineLines } from './machine.ts';
import type { Measured } from './measured.ts';
import type { BenchReport } from './report.ts';
import { type Row, rowsOf } from './rows.ts';
import type { ServerKind } from './server/temporal.ts';

const SERVERS: Readonly<Record<ServerKind, { readonly title: string; readonly is: string }>> = {
  dev: { title: 'dev server', is: 'Temporal’s dev server, as `dealseat start` brings it' },
  postgres: {
    title: 'PostgreSQL',
    is: 'Temporal’s own server on PostgreSQL, both on the cores of this machine',
  },
};

const HEADLINES = [
  {
    words:
      'A HubSpot deal of 25 seats, from its webhook to delivered, if the platform lists codes after 0.4 s',
    measure: 'webhook to delivered, HubSpot',
  },
  { words: 'The same for a Salesforce deal', measure: 'webhook to delivered, Salesforce' },
  { words: 'A hundred deals at once are delivered at', measure: '100 deals at once' },
  {
    words: 'From the kill of all processes with 20 deals in flight until all are delivered',
    measure: 'killed with 20 deals in flight, from the restart',
  },
];

/** `docs/benchmarks.md`. */
export function writeDocument(measured: Measured): string {
  const reports = Object.values(measured).filter((report) => report !== undefined);
  return `# Benchmarks

How fast Dealseat is, what it costs, and what bounds it.

${headlines(reports)}

These commands measure everything and write this page:

\`\`\`
npm run bench -- --write-docs
npm run bench -- --write-docs --server postgres
\`\`\`

Figures are medians, with the lower and upper quartile in brackets. A ratio of two times is the median over pairs that were measured right after each other, so a slow moment of the machine hits both sides.

${reports.map(describeRun).join('\n')}

## What is promised

${writeTable(promiseTable(reports))}

${reports.flatMap(sectionsOf).join('\n\n')}

## How it is measured

**Deliveries with default settings.** The bench starts the built package as a user starts it. The driver holds the stand-ins, sends signed webhooks, and afterwards looks at what the stand-ins hold.

**Beside the empty chain.** The *empty chain* is the same workflow code on the same server, with activities that do nothing. It shows Temporal’s own price. Both sides take turns on one Temporal server, with one worker process each. The bench drops the first rounds. Here the stand-ins list codes at once, and no request budget applies. If a run does not end as delivered, the bench stops.

**In both** the first deals teach the worker how soon it may look. The stand-in of Salesforce tracks the history of the hold field, as the set-up advises. Without that a deal there takes half a second and one request more. The stand-ins and the driver run on the same cores. What they use lowers the figures of Dealseat, but not those of the empty chain.

\`npm run bench -- --only burst,kill\` measures some rows, \`--quick\` shows in a few minutes that all of them work.

## Your own middleware in the same rows

\`\`\`
npm run bench -- --peer http://127.0.0.1:8099/hook --peer-command "node bench/peer/naive-receiver.ts"
\`\`\`

This drives any receiver of webhooks through the same stand-ins: one deal after another, many at once, every event twice, refused creates, lost answers, and a kill. It prints how many deals were delivered how fast, and how many groups and mails were made too often. \`bench/peer/naive-receiver.ts\` is the smallest receiver that works.

- \`--peer\` is the address that gets the events of the CRM (\`--peer-crm\`), signed as the CRM signs them.
- With \`--peer-command\` the bench starts the program. It finds the stand-ins by the environment variables \`TI_BASE_URL\`, \`TI_API_KEY\`, \`HUBSPOT_BASE_URL\`, \`HUBSPOT_ACCESS_TOKEN\`, \`HUBSPOT_CLIENT_SECRET\`, \`SALESFORCE_LOGIN_URL\`, \`SALESFORCE_CLIENT_ID\`, \`SALESFORCE_CLIENT_SECRET\`, and its own address by \`PEER_URL\`.
- Without it the bench prints these variables, waits until the address answers, and leaves out the kill. The stand-ins listen on the ports from 9100 on (\`--peer-ports\`), so a tool that is set up once finds them again.
- For each event the receiver makes one group in the platform, with as many codes as the deal's line item has units, waits until the codes are listed, and mails the deal's contact by HubSpot's single send (\`emailId\` 1234567) or Salesforce's \`emailSimple\`. A deal counts as delivered when its contact has a mail.

## What these figures do not show

- **A real learning platform.** A tenant of Thought Industries that allows 15 requests a minute is slower than everything here. The table of requests shows how long a delivery takes there, on any machine. Its limit also bounds the deals a second, and more workers do not help: see [scaling](scaling.md).
- **Networks and vendors.** The stand-ins answer in a millisecond on this machine. A real CRM takes a hundred milliseconds or more for each request.
- **A cluster.** Temporal on PostgreSQL ran on the cores of the workers and the stand-ins. Temporal Cloud was not measured.
`;
}

/** What most readers come for. */
function headlines(reports: readonly BenchReport[]): string {
  const rows = new Map(
    reports
      .slice(0, 1)
      .flatMap(({ figures }) => rowsOf(figures))
      .map((row) => [row.measure, row]),
  );
  const figureOf = (measure: string) => rows.get(measure)?.figure;
  return HEADLINES.flatMap(({ words, measure }) => {
    const figure = figureOf(measure);
    return figure === undefined ? [] : [`- ${words}: **${figure}**`];
  }).join('\n');
}

function describeRun({ day, tookMs, machine, server }: BenchReport): string {
  const lines = machineLines(machine).map((line) => `  - ${line}`);
  return [
    `- **${SERVERS[server].title}**: ${SERVERS[server].is}. Measured on ${day}, in ${Math.round(tookMs / 1_000)} seconds.`,
    ...lines,
  ].join('\n');
}

/** One row a promise, with a pair of columns for each server. */
function promiseTable(reports: readonly BenchReport[]): Omit<FigureTable, 'title' | 'explanation'> {
  const found = reports.map(({ figures }) => new Map(rowsOf(figures).map((row) => [row.measure, row])));
  const rows = new Map(found.flatMap((each) => [...each]));
  const cellsOf = (row: Row | undefined) =>
    row === undefined ? ['', ''] : [row.figure, row.isMet ? 'yes' : '**no**'];
  return {
    head: [
      'measure',
      'must be',
      ...reports.flatMap(({ server }) => [SERVERS[server].title, 'met']),
      'what bounds it',
    ],
    rows: [...rows].map(([measure, { bound, boundBy }]) => [
      measure,
      bound,
      ...found.flatMap((each) => cellsOf(each.get(measure))),
      boundBy,
    ]),
  };
}

function sectionsOf({ figures, server }: BenchReport): string[] {
  const title = server === 'dev' ? '' : `, on ${SERVERS[server].title}`;
  return figureTables(figures).map(
    (table) => `## ${table.title}${title}\n\n${table.explanation}\n\n${writeTable(table)}`,
  );
}

function writeTable({ head, rows }: Pick<FigureTable, 'head' | 'rows'>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
