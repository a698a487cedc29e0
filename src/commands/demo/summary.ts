import type { SandboxStack } from '../sandbox/stack.ts';
import { facts } from '../terminal/print.ts';
import type { DemoDeal } from './deals.ts';
import type { Delivery } from './deliver.ts';

export interface DemoOutcome {
  readonly deliveries: readonly Delivery[];
  readonly failed: readonly { readonly deal: DemoDeal; readonly reason: string }[];
}

/** What became of each deal, with the places to look at it. */
export function summaryText(
  { deliveries, failed }: DemoOutcome,
  { sandbox, temporal }: Pick<SandboxStack, 'sandbox' | 'temporal'>,
): string {
  const blocks = deliveries.map(({ deal, result, check, runUrl, tookMs }) => {
    const { mail, mailNumber } = check;
    return facts([
      ['Deal', deal.title],
      [
        'Status',
        check.faults.length === 0
          ? `${result.status}, and the sandbox agrees`
          : `${result.status}, but ${check.faults.join('; ')}`,
      ],
      ['Seats', String(result.seatCount)],
      ['Label', result.groupLabels.join('\n')],
      ['Roster', check.fields.roster_file ?? 'none'],
      ['Mail', mail ? `"${mail.subject}" to ${mail.to}` : 'none'],
      ['', mailNumber === null ? '' : `${sandbox.page.url}/mail/${mailNumber}`],
      ['Run', runUrl],
      ['Time', `${(tookMs / 1_000).toFixed(1)} s from webhook to delivered`],
    ]);
  });
  const failures = failed.map(({ deal, reason }) =>
    facts([
      ['Deal', deal.title],
      ['Status', `Not delivered: ${reason}`],
    ]),
  );
  const places = facts([
    ['Outbox, files, deals', sandbox.page.url],
    ['Temporal UI', temporal.uiUrl],
  ]);
  return `\n${[...blocks, ...failures, places].join('\n')}`;
}
