import type { Command } from 'commander';
import { whatIsAsked } from '../../domain/seats/operation-words.ts';
import { momentInWords } from '../../domain/texts/days.ts';
import { countOf, withCure } from '../../domain/words.ts';
import { MAX_PAGE } from '../../seats/desk.ts';
import type { OperationView } from '../../seats/views.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { type CommandContext, unlessInterrupted } from '../terminal/terminal.ts';
import { type SeatSession, withSeats } from './seat-session.ts';

interface OperationsOptions {
  readonly waiting?: boolean;
  readonly retry?: boolean;
  readonly json?: boolean;
}

/** `dealseat seats operations`. */
export function defineOperations(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('operations')
    .description('list changes of seats that have not ended, oldest first')
    .option('--waiting', 'only those that wait for something, with what is to be done')
    .option('--retry', 'you fixed what they wait for: try those that wait again now')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  dealseat seats operations --waiting\n  dealseat seats operations --waiting --retry',
    )
    .action((options: OperationsOptions) =>
      unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async (session) => {
          const isWaiting = options.waiting === true || options.retry === true;
          const operations = await allOperations(session, isWaiting);
          if (options.retry) for (const { id } of operations) await session.desk.retryOperation(id);
          if (options.json) printJson(terminal, operations);
          else terminal.write(listText(operations, options));
        }),
      ),
    );
}

async function allOperations({ desk }: SeatSession, isWaiting: boolean): Promise<readonly OperationView[]> {
  const all: OperationView[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof desk.operations>> = await desk.operations({
      isWaiting,
      limit: MAX_PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    all.push(...page.operations);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

function listText(operations: readonly OperationView[], { waiting, retry }: OperationsOptions): string {
  if (operations.length === 0) {
    return waiting || retry ? 'No change of a seat waits.\n' : 'No change of a seat is under way.\n';
  }
  const retried = retry ? `Trying again: ${countOf(operations.length, 'operation')}.\n\n` : '';
  return retried + operations.map(operationText).join('\n');
}

function operationText({ id, kind, seatId, crm, dealId, askedBy, askedAt, text, failure }: OperationView) {
  const lines = [
    `${id}: ${askedBy ?? 'Someone'} asked on ${momentInWords(askedAt)} to ${whatIsAsked(kind)} (seat ${seatId.slice(0, 8)}, ${crm} ${dealId}).`,
    ...(failure === null ? [] : [`  It waits: ${withCure(`${failure.code}: ${text ?? ''}`, failure.cure)}`]),
  ];
  return `${lines.join('\n')}\n`;
}
