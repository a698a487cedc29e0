import { type Command, Option } from 'commander';
import type { MailFinding } from '../contracts/run.ts';
import type { RunConsole } from '../runs/console.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './terminal/deal-argument.ts';
import { jsonOption } from './terminal/print.ts';
import {
  byOption,
  noWaitOption,
  questionOption,
  reasonOption,
  type TellOptions,
  tellRun,
} from './terminal/tell-run.ts';
import { type CommandContext, UsageError } from './terminal/terminal.ts';

interface RetryOptions extends TellOptions {
  readonly question?: string;
  readonly reason?: string;
  readonly resend?: boolean;
  readonly mailWasSent?: boolean;
}

/** For the record, where nobody gave another reason. */
const REASONS: Readonly<Record<MailFinding | 'fixed', string>> = {
  fixed: 'what was asked for is done',
  resend: 'the message was not sent',
  was_sent: 'the message was sent',
};

export function define(command: Command, context: CommandContext): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption('; without it, whatever the run waits for now'))
    .addOption(
      new Option('--resend', 'after crm.mail_unknown: the message was not sent, so send it').conflicts(
        'mailWasSent',
      ),
    )
    .option('--mail-was-sent', 'after crm.mail_unknown: the message was sent, so go on without it')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nWaits for what becomes of the deal, and says it.')
    .action(async (words: string[], options: RetryOptions) => {
      const mail = options.resend ? 'resend' : options.mailWasSent ? 'was_sent' : null;
      if (mail !== null && options.question === undefined) {
        throw new UsageError(
          `--${mail === 'resend' ? 'resend' : 'mail-was-sent'} needs --question <id>: what is known of one message must not be said of another. \`dealseat status\` shows the id.`,
        );
      }
      const { by, reason = REASONS[mail ?? 'fixed'] } = options;
      await tellRun(context, words, options, async (runs, id) => {
        const question = options.question ?? (await questionOf(runs, id));
        return {
          progress: await runs.retry(id, { question, by, reason, ...(mail === null ? {} : { mail }) }),
          message: { verb: 'retry', question, by, reason },
          said: `Retried by ${by}: ${reason} (question ${question})`,
          expected: ['Delivered'] as const,
          question,
        };
      });
    });
}

/** Between this look and the message the run may ask something else; then it refuses, and says what. */
async function questionOf(runs: RunConsole, id: string): Promise<string> {
  const { question, status, step } = await runs.progress(id);
  if (question !== null) return question.id;
  throw new Error(
    `The run ${id} is not waiting for an answer (${status}: ${step}), so there is nothing to retry.`,
  );
}
