import type { Command } from 'commander';
import type { DoctorCheck } from './doctor/check.ts';
import { examine } from './doctor/checks.ts';
import { documentOf, headOf, lineOf, summaryOf } from './doctor/show.ts';
import { DEAL_ARGUMENT_HELP } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { lookOf } from './terminal/look.ts';
import { jsonOption, printJson } from './terminal/print.ts';
import type { CommandContext } from './terminal/terminal.ts';

interface DoctorCommandOptions {
  readonly fix?: boolean;
  readonly testAlert?: boolean;
  readonly deal?: readonly string[] | null;
  readonly json?: boolean;
}

export function define(command: Command, { terminal, exit }: CommandContext): void {
  command
    .option(
      '--fix',
      'create what is missing: HubSpot properties and their options, Temporal search attributes',
    )
    .option('--test-alert', 'also send one test alert through every alert channel')
    .option('--deal <deal...>', `also prove that Dealseat may write on this deal: ${DEAL_ARGUMENT_HELP}`)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nTries every remote system, writes only with --fix and --deal, and shows how to fix each fault. Exit code 0: nothing\nfailed, but there may be warnings; 1: a check failed.',
    )
    .action(async ({ fix = false, testAlert = false, deal = null, json = false }: DoctorCommandOptions) => {
      const checks: DoctorCheck[] = [];
      const look = lookOf(terminal);
      for await (const check of examine(terminal, { fix, testAlert, deal, signal: terminal.interrupted })) {
        const isNewGroup = checks.at(-1)?.group !== check.group;
        checks.push(check);
        if (json) continue;
        // Line by line: a check of a remote system that hangs shows which one it is.
        if (isNewGroup && checks.length > 1) terminal.write('\n');
        if (isNewGroup) terminal.paint(headOf(check.group, look));
        terminal.paint(lineOf(check, look));
      }
      const failed = checks.filter(({ state }) => state === 'failed').length;
      if (json) printJson(terminal, documentOf(checks));
      else terminal.write(`\n${summaryOf(checks)}\n`);
      if (failed > 0) exit(EXIT.failed);
    });
}
