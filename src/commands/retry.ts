import { type Command, Option } from 'commander';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './terminal/deal-argument.ts';
import { jsonOption } from './terminal/print.ts';
import { byOption, type TellOptions, tellRun } from './terminal/tell-run.ts';
import type { CommandContext } from './terminal/terminal.ts';

interface RetryOptions extends TellOptions {
  readonly resend?: boolean;
  readonly mailWasSent?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(
      new Option('--resend', 'after crm.mail_unknown: the message was not sent, so send it').conflicts(
        'mailWasSent',
      ),
    )
    .option('--mail-was-sent', 'after crm.mail_unknown: the message was sent, so go on without it')
    .addOption(byOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: RetryOptions) => {
      const mail = options.resend ? 'resend' : options.mailWasSent ? 'was_sent' : null;
      await tellRun(context, words, options, (runs, id) =>
        runs.retry(id, { by: options.by, ...(mail === null ? {} : { mail }) }),
      );
    });
}
