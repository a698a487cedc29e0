import type { SandboxStack } from '../sandbox/stack.ts';
import { facts } from '../terminal/print.ts';
import type { DemoDeal } from './deals.ts';
import type { Delivery } from './deliver.ts';
import type { DemoProof } from './prove.ts';

export interface DemoOutcome {
  readonly proven: readonly { readonly delivery: Delivery; readonly proof: DemoProof }[];
  readonly failed: readonly { readonly deal: DemoDeal; readonly reason: string }[];
  /** What became of each fault that was asked for. */
  readonly faults: readonly string[];
}

/** What became of each deal, with the places to look at it. */
export function summaryText(
  { proven, failed, faults }: DemoOutcome,
  { sandbox, temporal }: Pick<SandboxStack, 'sandbox' | 'temporal'>,
): string {
  const page = sandbox.page.url;
  const blocks = proven.map(({ delivery: { deal, result, runUrl, tookMs }, proof }) => {
    const { mails, faults: wrong, rosterUrl } = proof;
    const { crm, example } = deal.standIn;
    const text = facts([
      ['Deal', deal.title],
      [
        'Status',
        `${result.status}, ${wrong.length === 0 ? 'and the sandbox agrees' : `but ${wrong.join('; ')}`}`,
      ],
      ['Seats', String(result.seatCount)],
      ['Label', result.groupLabels.join('\n')],
      ['Mail', mails.map(({ mail }) => `"${mail.subject}" to ${mail.to}`).join('\n') || 'none'],
      ['Time', `${(tookMs / 1_000).toFixed(1)} s from webhook to delivered`],
    ]);
    const places: [string, string][] = [
      ['Record', `${page}/deals/${crm}/${example.dealId}`],
      ...(rosterUrl === null ? [] : ([['Roster', rosterUrl]] as [string, string][])),
      ...mails.map(({ number }): [string, string] => ['Mail', `${page}/mail/${number}`]),
      ['Run', runUrl],
    ];
    return text + places.map(([name, url]) => placeLine(name, url)).join('');
  });
  const failures = failed.map(({ deal, reason }) =>
    facts([
      ['Deal', deal.title],
      ['Status', `Not delivered: ${reason}`],
    ]),
  );
  const broken = faults.map((fault) => `fault: ${fault}\n`).join('');
  const places =
    placeLine('Sandbox', page) + (temporal.uiUrl === null ? '' : placeLine('Runs', temporal.uiUrl));
  return `\n${[...blocks, ...failures, ...(broken === '' ? [] : [broken]), places].join('\n')}`;
}

/** As wide as the table above. */
const NAME_WIDTH = 8;
/** Of the narrowest terminal that people use. */
const LINE_WIDTH = 80;

/** An address that would not fit has a line of its own: a terminal lets it be opened only in one piece. */
function placeLine(name: string, url: string): string {
  const line = `${name.padEnd(NAME_WIDTH)}${url}`;
  return line.length <= LINE_WIDTH ? `${line}\n` : `${name}\n${url}\n`;
}
