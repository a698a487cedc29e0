import type { Command } from 'commander';
import type { DoctorCheck } from './doctor/check.ts';
import { examine } from './doctor/checks.ts';
import { DEAL_ARGUMENT_HELP } from './terminal/deal-argument.ts';
import { EXIT } from './terminal/exit-code.ts';
import { jsonOption, printJson } from './terminal/print.ts';
import type { CommandContext } from './terminal/terminal.ts';

interface DoctorCommandOptions {
  readonly fix?: boolean;
  readonly deal?: readonly string[] | null;
  readonly json?: boolean;
}

export function define(command: Command, { terminal, exit }: CommandContext): void {
  command
    .option('--fix', 'create what an API can create: HubSpot properties, Temporal search attributes')
    .option('--deal <deal...>', `also prove that Dealseat may write on this deal: ${DEAL_ARGUMENT_HELP}`)
    .addOption(jsonOption())
    .addHelpText('after', '\nOne line a check. Exit code 1 when something is missing or wrong.')
    .action(async ({ fix = false, deal = null, json = false }: DoctorCommandOptions) => {
      const checks: DoctorCheck[] = [];
      for await (const check of examine(terminal, { fix, deal, signal: terminal.interrupted })) {
        checks.push(check);
        // Line by line: a check of a remote system that hangs shows which one it is.
        if (!json) terminal.write(`${lineOf(check)}\n`);
      }
      const wrong = checks.filter(({ state }) => state === 'missing' || state === 'failed').length;
      if (json) printJson(terminal, { isHealthy: wrong === 0, checks });
      else
        terminal.write(
          wrong === 0 ? 'Nothing is missing.\n' : `${wrong} of ${checks.length} checks failed.\n`,
        );
      if (wrong > 0) exit(EXIT.failed);
    });
}

function lineOf({ state, name, advice }: DoctorCheck): string {
  return `${state.padEnd(STATE_WIDTH)}${name}${advice === null ? '' : `: ${advice}`}`;
}

const STATE_WIDTH = 9;
