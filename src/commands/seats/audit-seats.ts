import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { requireTi } from '../../config/config.ts';
import {
  AUDIT_SEATS,
  SEAT_AUDIT_ID,
  type SeatAuditInput,
  type SeatAuditResult,
} from '../../contracts/seat-audit.ts';
import type { DealRef } from '../../domain/deal/deal.ts';
import { momentInWords } from '../../domain/texts/days.ts';
import { countOf, withCure } from '../../domain/words.ts';
import { MAX_PAGE, type SeatDesk } from '../../seats/desk.ts';
import type { FindingsView } from '../../seats/views.ts';
import { DEAL_ARGUMENT_HELP, dealOfWords } from '../terminal/deal-argument.ts';
import { EXIT } from '../terminal/exit-code.ts';
import { lookOf, Painted } from '../terminal/look.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { requireWorker, withRuns } from '../terminal/run-session.ts';
import { byOption, reasonOption } from '../terminal/tell-run.ts';
import {
  type CommandContext,
  type HarmlessTerminal,
  UsageError,
  unlessInterrupted,
} from '../terminal/terminal.ts';
import { withSeats } from './seat-session.ts';

/** As the nightly comparison. */
const AUDIT_MINUTES = 15;

type Finding = FindingsView['findings'][number];

interface AuditOptions {
  readonly now?: boolean;
  readonly close?: boolean;
  readonly reason?: string;
  readonly by: string;
  readonly json?: boolean;
}

/** `dealseat seats audit [deal]`. */
export function defineAudit(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('audit')
    .description('show the open findings: where deal, learning platform and store differ, each with its cure')
    .argument('[deal...]', `${DEAL_ARGUMENT_HELP}; without it, all deals`)
    .option(
      '--now',
      'compare them now, and wait for the end; without it, the findings of the last comparisons',
    )
    .option('--close', 'you have looked at what a rebuild of the deal could not tell: its findings are over')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Dealseat compares the three every night, and looks at each redemption as it hears of it. A finding that is not seen again is over.
Exit code 0: there are none; 1: there are some.

Examples:
  dealseat seats audit
  dealseat seats audit hubspot 9001
  dealseat seats audit --now
  dealseat seats audit hubspot 9001 --close --reason "the buyer named who learns"`,
    )
    .action((words: string[], { json, now, close, reason, by }: AuditOptions) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const deal = words.length === 0 ? {} : { deal: dealOfWords(terminal.env, words) };
        const closing = close ? { ...requireDeal(deal), reason: requireReason(reason) } : null;
        if (now) await auditNow(context);
        return withSeats(context, async ({ desk }) => {
          if (closing !== null)
            await desk.closeFindings({ id: randomUUID(), ...closing, actor: { kind: 'person', name: by } });
          const findings = await allFindings(desk, deal);
          if (json) printJson(terminal, { findings });
          else terminal.paint(findingsText(findings, terminal));
          if (findings.length > 0) context.exit(EXIT.failed);
        });
      }),
    );
}

function requireDeal({ deal }: { readonly deal?: DealRef }): { readonly deal: DealRef } {
  if (deal !== undefined) return { deal };
  throw new UsageError('--close needs the deal, as <crm> <deal>.');
}

function requireReason(reason: string | undefined): string {
  if (reason !== undefined) return reason;
  throw new UsageError('--close needs --reason, for the record.');
}

/** The worker compares: it has the systems and the database. */
async function auditNow(context: CommandContext): Promise<void> {
  await withRuns(context, async (session) => {
    await requireWorker(session);
    const { config, client } = session;
    const input: SeatAuditInput = {
      maxRequests: AUDIT_MINUTES * requireTi(config).requestsPerMinute,
      policy: config.policy,
    };
    const { orders, isComplete }: SeatAuditResult = await client.workflow.execute(AUDIT_SEATS, {
      workflowId: `${SEAT_AUDIT_ID}-now`,
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: config.taskQueue,
      args: [input],
    });
    const rest = isComplete
      ? ''
      : ' The others follow in the next comparison, because of the budget of requests.';
    context.terminal.note(`Compared the seats of ${countOf(orders, 'deal')}.${rest}`);
  });
}

async function allFindings(
  desk: SeatDesk,
  deal: Pick<NonNullable<Parameters<SeatDesk['findings']>[0]>, 'deal'>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let cursor: string | null = null;
  do {
    const page: FindingsView = await desk.findings({
      ...deal,
      limit: MAX_PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    findings.push(...page.findings);
    cursor = page.next;
  } while (cursor !== null);
  return findings;
}

function findingsText(findings: readonly Finding[], terminal: HarmlessTerminal): Painted {
  if (findings.length === 0) return Painted.of('No open findings.\n');
  const look = lookOf(terminal);
  return Painted.join([
    `${countOf(findings.length, 'open finding')}:\n`,
    ...findings.flatMap(({ crm, dealId, seatId, text, cure, foundAt }) => {
      const about = [
        crm === null ? null : `${crm} ${dealId}`,
        seatId === null ? null : `seat ${seatId.slice(0, 8)}`,
      ];
      const where = about.filter((part) => part !== null).join(', ');
      return [
        '\n',
        look.style('bold', where === '' ? 'All deals' : where),
        look.style('dim', `, since ${momentInWords(foundAt)}`),
        `\n${withCure(text, cure)}\n`,
      ];
    }),
  ]);
}
