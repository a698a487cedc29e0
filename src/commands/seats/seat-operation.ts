import type { Command } from 'commander';
import { whatIsAsked } from '../../domain/seats/operation-words.ts';
import { momentInWords } from '../../domain/texts/days.ts';
import { jsonOption } from '../terminal/print.ts';
import { noWaitOption } from '../terminal/tell-run.ts';
import { type CommandContext, unlessInterrupted } from '../terminal/terminal.ts';
import { tellOutcome } from './act-on-seat.ts';
import { withSeats } from './seat-session.ts';

interface OperationOptions {
  readonly retry?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `dealseat seats operation <id>`. */
export function defineOperation(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('operation')
    .description('show what became of a change of a seat, or try it again')
    .argument('<id>', 'the id of the operation, as the command that asked for it printed it')
    .option('--retry', 'you fixed what it waits for: try again now, and wait for the result')
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  dealseat seats operation 0d9f6f0a-2c1b-4a53-9a3e-5b7f8f4f1f11 --retry',
    )
    .action((id: string, options: OperationOptions) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async (session) => {
          const operation = await (options.retry
            ? session.desk.retryOperation(id)
            : session.desk.operation(id));
          const { kind, seatId, askedBy, askedAt, reason } = operation;
          if (!options.json) {
            terminal.write(
              `${askedBy ?? 'Someone'} asked on ${momentInWords(askedAt)} to ${whatIsAsked(kind)} (seat ${seatId.slice(0, 8)})${reason === null ? '' : `: ${reason}`}.\n`,
            );
          }
          await tellOutcome(context, session, operation, {
            ...options,
            wait: options.retry === true && options.wait !== false,
          });
        }),
      ),
    );
}
