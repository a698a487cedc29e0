import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/config.ts';
import { numberOf } from '../domain/words.ts';
import { followToReport } from '../runs/follow-run.ts';
import type { Preview } from '../runs/port.ts';
import { exitCodeOf, noRun } from '../runs/report.ts';
import { CRM_ARGUMENT_HELP, DEAL_ID_ARGUMENT_HELP, dealOfCrm } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { lookOf } from './terminal/look.ts';
import { facts, jsonOption, printData, printJson, problemLine, table } from './terminal/print.ts';
import { reportText } from './terminal/report-text.ts';
import { type RunSession, requireWorker, warnIfNoWorker, withRuns } from './terminal/run-session.ts';
import { byOption } from './terminal/tell-run.ts';
import type { CommandContext } from './terminal/terminal.ts';

interface ProvisionOptions {
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly plan?: string;
  readonly by: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<crm>', CRM_ARGUMENT_HELP)
    .argument('<dealId>', DEAL_ID_ARGUMENT_HELP)
    .addOption(
      new Option('--dry-run', 'show what Dealseat would do, and write nothing').conflicts(['wait', 'plan']),
    )
    .option('--wait', 'print each step and wait until the deal is delivered, has ended, or needs attention')
    .option('--plan <hash>', 'provision only if the plan is still the one of this dry run', parseHash)
    .addOption(byOption())
    .addOption(jsonOption())
    .action(async (crm: string, dealId: string, options: ProvisionOptions) => {
      const deal = dealOfCrm(loadConfig(context.terminal.env), crm, dealId);
      await withRuns(context, async (session) => {
        if (options.dryRun) {
          await requireWorker(session);
          const preview = await session.runs.preview(deal);
          printData(context.terminal, options, {
            document: preview,
            text: () => previewText(preview, `dealseat provision ${deal.crm} ${deal.dealId}`),
          });
          context.exit(preview.hash === null ? EXIT.notDelivered : EXIT.ok);
          return;
        }
        const started = await session.runs.provision(
          deal,
          { by: 'cli', detail: options.by },
          options.plan === undefined ? {} : { planHash: options.plan },
        );
        await warnIfNoWorker(session, context.terminal);
        if (options.wait) return await untilResting(context, session, started.id, options);
        printData(context.terminal, options, {
          document: started,
          text: () =>
            `${started.id}\nStarted. Follow it with: dealseat status ${deal.crm} ${deal.dealId} --watch\n`,
        });
      });
    });
}

async function untilResting(
  context: CommandContext,
  { runs }: RunSession,
  id: string,
  options: ProvisionOptions,
): Promise<void> {
  const { terminal } = context;
  const report = await followToReport(runs, id, {
    onStep: (line) => terminal.note(line),
    signal: terminal.interrupted,
  });
  if (report === null) throw noRun(id);
  if (options.json) printJson(terminal, report);
  else terminal.paint(reportText(report, { look: lookOf(terminal), now: new Date() }));
  context.exit(exitCodeOf(report));
}

export function previewText(preview: Preview, command: string): string {
  const blocks = [
    facts([
      ['Id', preview.id],
      ['Plan', preview.hash],
      ['Seats', preview.hash === null ? null : numberOf(preview.seats)],
      ['Skipped', preview.skipped],
    ]),
  ];
  if (preview.groups.length > 0) {
    blocks.push(
      table(
        ['group', 'content', 'seats', 'codes expire', 'access'],
        preview.groups.map(({ label, title, seats, codesExpireOn, access }) => [
          label,
          title,
          numberOf(seats),
          codesExpireOn ?? 'never',
          access ?? '',
        ]),
      ),
    );
  }
  if (preview.problems.length > 0) {
    const problems = preview.problems.map((problem) => `- ${problemLine(problem)}\n`);
    blocks.push(`To fix first:\n${problems.join('')}`);
  }
  if (preview.calls.length > 0) {
    const calls = preview.calls.map((call, index) => `${index + 1}. ${call}\n`);
    blocks.push(`Would write:\n${calls.join('')}`);
    blocks.push(`Nothing was written. To do exactly this: ${command} --plan ${preview.hash}\n`);
  }
  return blocks.join('\n');
}

function parseHash(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected the 64 hex digits that a dry run printed as Plan.');
}
