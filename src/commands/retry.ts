import { type Command, Option } from 'commander';
import type { MailFinding } from '../contracts/run.ts';
import type { RunConsole } from '../runs/console.ts';
import { sentText } from './terminal/answer-text.ts';
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

/** For the record, unless another reason is given. */
const REASONS: Readonly<Record<MailFinding | 'fixed', string>> = {
  fixed: 'what was asked for is done',
  resend: 'the message was not sent',
  was_sent: 'the message was sent',
};

export function define(command: Command, context: CommandContext): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption('; without it, the question that the run asks now'))
    .addOption(
      new Option(
        '--resend',
        'answer to crm.mail_unknown: the CRM did not send the message, so send it again',
      ).conflicts('mailWasSent'),
    )
    .option(
      '--mail-was-sent',
      'answer to crm.mail_unknown: the CRM sent the message, so do not send it again',
    )
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWaits until the deal is delivered, has ended, or asks again, and prints the result.',
    )
    .action(async (words: string[], options: RetryOptions) => {
      const mail = options.resend ? 'resend' : options.mailWasSent ? 'was_sent' : null;
      if (mail !== null && options.question === undefined) {
        throw new UsageError(
          `--${mail === 'resend' ? 'resend' : 'mail-was-sent'} needs --question <id>: an answer about one message must not be used for another. \`dealseat status\` shows the id.`,
        );
      }
      const { by, reason = REASONS[mail ?? 'fixed'] } = options;
      await tellRun(context, words, options, async (runs, id) => {
        const question = options.question ?? (await questionOf(runs, id));
        return {
          progress: await runs.retry(id, { question, by, reason, ...(mail === null ? {} : { mail }) }),
          message: { verb: 'retry', question, by, reason },
          said: sentText('retry', { by, reason, question }),
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
